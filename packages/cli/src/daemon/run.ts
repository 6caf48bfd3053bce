import { setFlagsFromString } from 'node:v8';
import { type Device, openDevice } from '@cloudless/core';
import { nodeHost } from '@cloudless/core/node';
import type { Logger } from '@cloudless/core/ports';
import { tcp } from '@cloudless/net';
import type { Home } from '../home.js';
import { serve } from '../rpc/server.js';
import { stderrLogger } from './log.js';
import { describe, methodsOf } from './methods.js';

/** On all interfaces, at a port that the system chooses once. */
const anywhere = '0.0.0.0:0';

export interface DaemonOptions {
  readonly home: Home;
  /** Settings given with `up`; they are kept. */
  readonly settings: Readonly<Record<string, string>>;
  /** Called once it serves. */
  readonly ready: (info: Readonly<Record<string, unknown>>) => void;
}

/** The bounds that the main thread was started with would count for each thread that is started from now on. */
function ownHeaps(): void {
  for (const bound of ['--max-semi-space-size=0', '--max-old-space-size=0']) setFlagsFromString(bound);
}

/** Runs a device until it is told to stop and everything is closed. Rejects with `busy` if one runs already. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { home, settings } = options;
  ownHeaps();
  const logger = stderrLogger(home.log);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve());
  const device = await openDevice(nodeHost({ home: home.path }), { transports: [tcp()], listen: false, logger });
  try {
    device.failed.then(stopped.reject, stopped.reject);
    for (const [key, value] of Object.entries(settings)) await device.run({ command: 'config', key, value });
    await listen(device, settings.listen, logger);
    const server = await serve(
      home.socket,
      methodsOf(device, () => stopped.resolve()),
    );
    options.ready(await describe(device));
    // Callers hear of the end when everything is closed, so that the next start finds the home free.
    void device.closed.then(() => server.close());
    await stopped.promise;
  } finally {
    await device.close();
  }
}

/** Listens where told; else where it did before, so that others find it again; else anywhere. Keeps where. */
async function listen(device: Device, told: string | undefined, logger: Logger): Promise<void> {
  const kept = (await device.run({ command: 'config', key: 'listen', value: undefined })) as { listen: string | null };
  const wanted = told ?? kept.listen ?? anywhere;
  try {
    await device.listen(wanted);
  } catch (error) {
    if (told !== undefined || kept.listen === null) throw error;
    logger.log('warn', 'the usual port is taken, another one will do for this time', { listen: wanted });
    await device.listen(anywhere);
    return;
  }
  const port = /:(\d+)$/.exec(device.listening[0] ?? '')?.[1];
  if (port === undefined) return;
  await device.run({ command: 'config', key: 'listen', value: wanted.replace(/:\d+$/, `:${port}`) });
}
