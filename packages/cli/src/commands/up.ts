import { connectDaemon, connectRunning } from '../daemon/start.js';
import type { Client } from '../rpc/client.js';
import type { Params } from '../rpc/server.js';
import { caveatOf, checkSetting, checkTracker } from '../settings.js';
import type { Args, CommandModule, Context } from './command.js';

const switches = ['lan', 'dht', 'portmap'];

export const command: CommandModule = {
  positionals: {},
  options: {
    foreground: { type: 'boolean', describe: 'stay in the foreground, for service managers' },
    listen: { type: 'string', describe: 'HOST:PORT to listen on; kept' },
    'no-lan': { type: 'boolean', describe: 'do not look for devices on the local network' },
    'no-dht': { type: 'boolean', describe: 'do not use the public DHT' },
    'no-portmap': { type: 'boolean', describe: 'do not ask the router for a port' },
    tracker: { type: 'string', array: true, describe: 'URL of a rendezvous server' },
  },
  examples: [
    ['$0 up', 'starts the daemon; any other command does too'],
    ['$0 up --foreground --listen 0.0.0.0:4041', 'as a service, at that port'],
  ],
  run: async (context, args) => {
    const settings = settingsOf(args);
    const running = args.foreground === true ? undefined : await connectRunning(context.home);
    for (const [key, value] of Object.entries(settings)) {
      const caveat = key === 'listen' && running === undefined ? undefined : caveatOf(key, value);
      if (caveat !== undefined) context.output.warn(caveat);
    }
    if (args.foreground === true) return inForeground(context, settings);
    const client = running ?? (await connectDaemon(context.home, daemonArguments(settings)));
    try {
      if (running !== undefined) await change(running, settings);
      show(context, (await client.call('info')) as Params);
    } finally {
      client.close();
    }
  },
};

/** Changes settings of a daemon that runs. */
async function change(client: Client, settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(settings)) await client.call('config', { key, value });
}

function daemonArguments(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    if (value === 'off') return [`--no-${key}`];
    return key === 'tracker' ? value.split(' ').flatMap((url) => ['--tracker', url]) : [`--${key}`, value];
  });
}

async function inForeground(context: Context, settings: Readonly<Record<string, string>>): Promise<void> {
  const { runDaemon } = await import('../daemon/run.js');
  await runDaemon({ home: context.home, settings, ready: (info) => show(context, info) });
}

function settingsOf(args: Args): Readonly<Record<string, string>> {
  const off = switches.flatMap((name) => (args[`no-${name}`] === true ? [[name, 'off'] as const] : []));
  const listen = typeof args.listen === 'string' ? [['listen', args.listen] as const] : [];
  const urls = Array.isArray(args.tracker) ? args.tracker.map(String) : [];
  for (const url of urls) checkTracker(url);
  const trackers = urls.length > 0 ? [['tracker', urls.join(' ')] as const] : [];
  const settings = Object.fromEntries([...off, ...listen, ...trackers]);
  for (const [key, value] of Object.entries(settings)) checkSetting(key, value);
  return settings;
}

function show({ output }: Context, info: Params): void {
  const { pid, device, listen } = info;
  const addresses = (listen as readonly string[]).join(', ') || 'nowhere';
  output.result({ pid, device, listen }, () => [
    `${String(device)} is up (process ${String(pid)}), listening on ${addresses}`,
  ]);
}
