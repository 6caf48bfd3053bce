import type { Argv } from 'yargs';
import type { Run } from '../arguments.js';

/** A command as the help shows it; its code is loaded when it runs. */
export interface CommandEntry {
  readonly command: string;
  readonly describe: string;
  readonly options: (parsed: Argv) => Argv;
  readonly load?: () => Promise<Run<never>>;
  /** Of a group. */
  readonly commands?: readonly CommandEntry[];
}

const folder = { type: 'string', describe: 'a folder’s name, a path in it, or the beginning of its id' } as const;
const none = (parsed: Argv): Argv => parsed;

const stream = { type: 'string', describe: 'name of the stream' } as const;

const logCommands: readonly CommandEntry[] = [
  {
    command: 'append <folder> <name>',
    describe: 'append each line of stdin',
    options: (parsed) =>
      parsed
        .positional('folder', { ...folder, demandOption: true })
        .positional('name', { ...stream, demandOption: true })
        .example('uptime | $0 log append home machines', 'tell the others how this machine is'),
    load: async () => (await import('./log-append.js')).logAppend,
  },
  {
    command: 'tail <folder> [name]',
    describe: 'print all items',
    options: (parsed) =>
      parsed
        .positional('folder', { ...folder, demandOption: true })
        .positional('name', stream)
        .option('follow', { type: 'boolean', default: false, describe: 'and those to come' }),
    load: async () => (await import('./log-tail.js')).logTail,
  },
  {
    command: 'files <folder> <name> <switch>',
    describe: 'show a stream as files NAME/DEVICE.log in the folder',
    options: (parsed) =>
      parsed
        .positional('folder', { ...folder, demandOption: true })
        .positional('name', { ...stream, demandOption: true })
        .positional('switch', { choices: ['on', 'off'], demandOption: true }),
    load: async () => (await import('./log-files.js')).logFiles,
  },
];

/** All commands, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    command: 'up',
    describe: 'start the daemon',
    options: (parsed) =>
      parsed
        .option('foreground', { type: 'boolean', default: false, describe: 'stay, for service managers' })
        .option('listen', { type: 'string', requiresArg: true, describe: 'HOST:PORT to listen on' })
        .option('lan', { type: 'boolean', describe: '--no-lan: no discovery on the local network' })
        .option('dht', { type: 'boolean', describe: '--no-dht: no public DHT' })
        .option('portmap', { type: 'boolean', describe: '--no-portmap: ask no router for a port' })
        .option('tracker', { type: 'string', array: true, requiresArg: true, describe: 'URL of a tracker' })
        .example('$0 up --listen 0.0.0.0:4041', 'listen on a port of your choice'),
    load: async () => (await import('./up.js')).up,
  },
  {
    command: 'down',
    describe: 'stop the daemon',
    options: (parsed) => parsed.example('$0 down', 'stop syncing until the next command'),
    load: async () => (await import('./down.js')).down,
  },
  {
    command: 'share <path>',
    describe: 'make a directory a folder and print a code that lets one person in',
    options: (parsed) =>
      parsed
        .positional('path', { type: 'string', demandOption: true })
        .option('name', { type: 'string', requiresArg: true, describe: 'what the folder is called' })
        .option('level', { choices: ['admin', 'write', 'read', 'store'], default: 'write', describe: 'what who joins may do' })
        .option('ttl', { type: 'string', default: '24h', describe: 'how long the code lives' })
        .example('$0 share ~/Photos --level read', 'let somebody see your photos'),
    load: async () => (await import('./share.js')).share,
  },
  {
    command: 'join <code> [path]',
    describe: 'join a folder with a code, 12 words in quotes, or a link',
    options: (parsed) =>
      parsed
        .positional('code', { type: 'string', demandOption: true })
        .positional('path', { type: 'string', describe: 'where to put it (default: here, under its name)' })
        .option('timeout', { type: 'number', default: 60, describe: 'seconds to wait' })
        .example('$0 join cloudless:… ~/Photos', 'join by a link'),
    load: async () => (await import('./join.js')).join,
  },
  { command: 'folders', describe: 'list all folders', options: none, load: async () => (await import('./folders.js')).folders },
  {
    command: 'status [folder]',
    describe: 'show what is happening',
    options: (parsed) => parsed.positional('folder', folder),
    load: async () => (await import('./status.js')).status,
  },
  {
    command: 'wait [folder]',
    describe: 'return when in step with a connected member',
    options: (parsed) =>
      parsed
        .positional('folder', folder)
        .option('timeout', { type: 'number', describe: 'seconds to wait (default: for ever)' })
        .example('$0 wait photos --timeout 60', 'exit code 4 when it takes longer'),
    load: async () => (await import('./wait.js')).wait,
  },
  { command: 'peers', describe: 'list connected devices', options: none, load: async () => (await import('./peers.js')).peers },
  {
    command: 'why <path>',
    describe: 'say why a path is as it is',
    options: (parsed) =>
      parsed.positional('path', { type: 'string', demandOption: true }).example('$0 why ~/Photos/beach.jpg', 'why is it not here yet?'),
    load: async () => (await import('./why.js')).why,
  },
  {
    command: 'log',
    describe: 'append-only streams: append, tail, files',
    options: (parsed) => parsed.demandCommand(1, 'Say "log append", "log tail" or "log files".'),
    commands: logCommands,
  },
  {
    command: 'config [key] [value]',
    describe: 'show or change settings',
    options: (parsed) =>
      parsed
        .positional('key', { type: 'string' })
        .positional('value', { type: 'string' })
        .example('$0 config name kitchen', 'call this device "kitchen"'),
    load: async () => (await import('./config.js')).config,
  },
  { command: 'doctor', describe: 'check this installation', options: none, load: async () => (await import('./doctor.js')).doctor },
];
