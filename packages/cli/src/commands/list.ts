import type { CommandEntry } from './command.js';

/** All commands; only what is called is loaded. */
export const commands: readonly CommandEntry[] = [
  { command: 'up', describe: 'start the daemon', load: () => import('./up.js') },
  { command: 'down', describe: 'stop the daemon', load: () => import('./down.js') },
  {
    command: 'share <path>',
    describe: 'make a directory a folder, and a code for it',
    load: () => import('./share.js'),
  },
  { command: 'join <code> [path]', describe: 'join a folder with a code', load: () => import('./join.js') },
  { command: 'codes <folder>', describe: 'list the codes that are open', load: () => import('./codes.js') },
  { command: 'revoke <folder> <code>', describe: 'take a code back', load: () => import('./revoke.js') },
  { command: 'leave <folder>', describe: 'stop syncing a folder', load: () => import('./leave.js') },
  {
    command: 'relink <folder> <path>',
    describe: 'say where a folder is after its directory was moved',
    load: () => import('./relink.js'),
  },
  { command: 'members <folder>', describe: 'list who is in a folder', load: () => import('./members.js') },
  { command: 'kick <folder> <person>', describe: 'put somebody out', load: () => import('./kick.js') },
  {
    command: 'rank <folder> <person> <level>',
    describe: 'change what somebody may do',
    load: () => import('./rank.js'),
  },
  {
    command: 'policy <folder> [key] [value]',
    describe: 'who may invite, and what newcomers read',
    load: () => import('./policy.js'),
  },
  { command: 'rotate <folder>', describe: 'a new key from now on', load: () => import('./rotate.js') },
  { command: 'folders', describe: 'list the folders', load: () => import('./folders.js') },
  { command: 'status [folder]', describe: 'what is happening', load: () => import('./status.js') },
  { command: 'wait [folder]', describe: 'return when in step', load: () => import('./wait.js') },
  { command: 'peers', describe: 'list the connected devices', load: () => import('./peers.js') },
  { command: 'plan <folder>', describe: 'what sync would do, without doing it', load: () => import('./plan.js') },
  {
    command: 'approve <folder>',
    describe: 'let go on what the brake holds',
    load: () => import('./approve.js'),
  },
  { command: 'reject <folder>', describe: 'undo what the brake holds', load: () => import('./reject.js') },
  { command: 'why <path>', describe: 'why a path is as it is', load: () => import('./why.js') },
  { command: 'pause [folder]', describe: 'leave a folder alone, or all', load: () => import('./pause.js') },
  { command: 'resume [folder]', describe: 'go on with a folder, or all', load: () => import('./resume.js') },
  { command: 'limit', describe: 'how much content goes over the wire', load: () => import('./limit.js') },
  { command: 'conflicts [folder]', describe: 'list what has conflict copies', load: () => import('./conflicts.js') },
  { command: 'resolve <path>', describe: 'settle a conflict', load: () => import('./resolve.js') },
  {
    command: 'revert <paths..>',
    describe: 'take back what you changed where you may not write',
    load: () => import('./revert.js'),
  },
  { command: 'ignore <folder> [patterns..]', describe: 'leave paths out', load: () => import('./ignore.js') },
  { command: 'want <folder> [patterns..]', describe: 'hold only some paths here', load: () => import('./want.js') },
  {
    command: 'history <path>',
    describe: 'versions that others replaced or removed',
    load: () => import('./history.js'),
  },
  {
    command: 'restore <path>',
    describe: 'bring back a version of a file or directory',
    load: () => import('./restore.js'),
  },
  { command: 'config [key] [value]', describe: 'show or change settings', load: () => import('./config.js') },
  { command: 'doctor [part]', describe: 'check that everything is well', load: () => import('./doctor.js') },
];

/** The commands of `log`. */
export const logCommands: readonly CommandEntry[] = [
  {
    command: 'append <folder> <name>',
    describe: 'append each line of stdin to a stream',
    load: () => import('./log-append.js'),
  },
  { command: 'tail <folder> [name]', describe: 'print what all devices appended', load: () => import('./log-tail.js') },
  {
    command: 'files <folder> <name> <switch>',
    describe: 'show a stream as files in the folder, or no longer',
    load: () => import('./log-files.js'),
  },
];
