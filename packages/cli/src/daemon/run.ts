import { type Device, openDevice } from '@cloudless/core';
import { nodeHost } from '@cloudless/core/node';
import type { Logger } from '@cloudless/core/ports';
import { tcp } from '@cloudless/net';
import { toJsonLine } from '../escape.js';
import type { Home } from '../home.js';
import { serve } from '../rpc/server.js';
import { methodsOf } from './methods.js';

const defaultListen = '0.0.0.0:0';

export interface DaemonOptions {
  readonly home: Home;
  /** Settings given with `up`; kept. */
  readonly settings: Readonly<Record<string, string>>;
  readonly ready: (info: unknown) => void;
}

/** Runs a device until it is told to stop; resolves when everything is closed. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { home, settings } = options;
  const device = await openDevice(nodeHost({ home: home.path }), { transports: [tcp()], listen: false, logger: stderrLogger });
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.resolve());
  void device.failed.then(stopped.reject);
  try {
    for (const [key, value] of Object.entries(settings)) await device.run({ command: 'config', key, value });
    await listen(device, settings.listen);
    const methods = methodsOf(device, () => stopped.resolve());
    const server = await serve(home.socket, methods);
    options.ready(await methods.info?.({}, { items: () => Promise.resolve(), signal: new AbortController().signal }));
    await stopped.promise;
    server.close();
  } finally {
    await device.close();
  }
}

/** Listens where told; else where it did before, so that others find it again; else anywhere. */
async function listen(device: Device, told: string | undefined): Promise<void> {
  const known = ((await device.run({ command: 'config', key: 'listen', value: undefined })) as { readonly listen: string | null }).listen;
  try {
    await device.listen(told ?? known ?? defaultListen);
  } catch (error) {
    if (told !== undefined || known === null) throw error;
    stderrLogger.log('warn', 'the usual port is taken', { listen: known });
    await device.listen(defaultListen);
    return;
  }
  const [first] = device.listening;
  const port = first?.slice(first.lastIndexOf(':') + 1);
  const host = (told ?? known ?? defaultListen).replace(/:\d+$/, '');
  if (port !== undefined) await device.run({ command: 'config', key: 'listen', value: `${host}:${port}` });
}

const stderrLogger: Logger = {
  log: (level, message, details = {}) => {
    if (level !== 'debug') process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${toJsonLine(details)}\n`);
  },
};
