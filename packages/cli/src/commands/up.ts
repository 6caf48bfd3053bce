import type { Run } from '../arguments.js';
import { toJsonLine } from '../escape.js';

interface Arguments {
  readonly foreground: boolean;
  readonly listen?: string;
  readonly lan?: boolean;
  readonly dht?: boolean;
  readonly portmap?: boolean;
  readonly tracker?: readonly string[];
}

interface Info {
  readonly pid: number;
  readonly device: string;
  readonly listen: readonly string[];
}

/** Starts the daemon, or runs it here; settings given are kept. */
export const up: Run<Arguments> = async (args, session) => {
  const settings = settingsOf(args);
  if (args.foreground) {
    const { runDaemon } = await import('../daemon/run.js');
    const ready = (info: unknown): void => void process.stdout.write(`${args.json ? toJsonLine(info) : lineFor(info as Info)}\n`);
    return runDaemon({ home: session.home, settings, ready });
  }
  const { connectDaemon } = await import('../daemon/start.js');
  const client = await connectDaemon(session.home, Object.entries(settings).flatMap(toArgument));
  try {
    const info = (await client.call('info')) as Info;
    session.output.result(info, () => [lineFor(info)]);
  } finally {
    client.close();
  }
};

function lineFor({ pid, device, listen }: Info): string {
  return `${device} is up (process ${pid}), listening on ${listen.join(', ')}`;
}

function settingsOf(args: Arguments): Readonly<Record<string, string>> {
  const { listen, lan, dht, portmap, tracker } = args;
  const given = { listen, lan, dht, portmap, tracker: tracker?.join(' ') };
  return Object.fromEntries(Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
}

function toArgument([key, value]: readonly [string, string]): readonly string[] {
  if (value === 'true' || value === 'false') return [value === 'true' ? `--${key}` : `--no-${key}`];
  return value.split(' ').flatMap((each) => [`--${key}`, each]);
}
