import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Failure } from './failure.js';

const socketPathBytesMax = 100;

/** Where an installation keeps its things. */
export interface Home {
  readonly path: string;
  /** The daemon's control socket. */
  readonly socket: string;
  readonly log: string;
}

/** The home of `--home`, `CLOUDLESS_HOME` or the platform's data directory; made with mode 0700. Throws `usage`. */
export function openHome(option: string | undefined): Home {
  // An empty path would be the current directory, which would then be closed to others.
  if (option === '') throw new Failure('usage', '--home takes a directory, not "".');
  const path = resolve(option ?? (process.env.CLOUDLESS_HOME || defaultHome()));
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return { path, socket: socketPath(path), log: join(path, 'daemon.log') };
}

function defaultHome(): string {
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? homedir(), 'cloudless');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'cloudless');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'cloudless');
}

/** A socket's path is short on every system; a long home gets one in a private directory of the user. */
function socketPath(home: string): string {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\cloudless-${name}`;
  const inside = join(home, 'control.sock');
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  return privateSocket(join(home, 'socket-path'), `${name}.sock`);
}

/** A path in a directory that only this user can enter; kept in the home, since TMPDIR may differ next time. */
function privateSocket(record: string, name: string): string {
  const kept = existsSync(record) ? readFileSync(record, 'utf8').trim() : '';
  const path = kept === '' ? join(tmpdir(), `cloudless-${userInfo().uid}`, name) : kept;
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(directory);
  if (uid !== userInfo().uid || (mode & 0o077) !== 0 || !lstatSync(directory).isDirectory()) {
    throw new Failure('io', `${directory} is not private to this user. Remove it, or use a home with a shorter path.`);
  }
  if (kept === '') writeFileSync(record, path, { mode: 0o600 });
  return path;
}
