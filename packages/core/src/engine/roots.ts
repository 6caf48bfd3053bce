import { CloudlessError } from '../errors.js';
import type { FolderId } from '../model/index.js';
import type { RootOptions, RootState } from '../ports/index.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import type { TaskResult } from './inputs.js';

type Done<T> = (outcome: T | CloudlessError) => void;

/** Places of folders on the disk: where a folder may be, and where it went. */
export class Roots {
  readonly #device: DeviceEngine;

  constructor(device: DeviceEngine) {
    this.#device = device;
  }

  /**
   * Checks a path for a folder's root, and makes the directory if asked to; the folder that `token` names may be there
   * already. Gives the normalised path.
   */
  prepare(path: string, { create, token }: Omit<RootOptions, 'otherRoots'>, done: Done<string>): void {
    const others = this.#device.home.folders().filter((row) => row.folder !== token);
    const otherRoots = others.flatMap((row) => (row.root === undefined ? [] : [row.root]));
    this.#device.task('', { task: 'prepare-root', path, create, otherRoots, token }, (result) => {
      done(result.task === 'prepare-root' ? result.path : failure(result));
    });
  }

  /**
   * The folder's directory was moved to `path`: goes on there with all that is known of its files. Refuses a directory
   * without its token, and one that is a copy while the other is still there.
   */
  relink(folder: FolderEngine, path: string, done: Done<FolderEngine>): void {
    const { root } = folder.row;
    if (root === undefined) return done(new CloudlessError('usage', 'This folder has no directory.'));
    this.prepare(path, { create: false, token: folder.folder }, (real) => {
      if (real instanceof CloudlessError) return done(real);
      this.#look(folder.folder, real, (there) => {
        this.#look(folder.folder, root, (before) => {
          const trouble = there instanceof CloudlessError ? there : unfit(folder, { path: real, there, root, before });
          if (trouble !== undefined) return done(trouble);
          folder.relink(real);
          this.#device.home.putFolder(folder.row);
          done(folder);
        });
      });
    });
  }

  #look(folder: FolderId, root: string, done: Done<RootState>): void {
    this.#device.task(folder, { task: 'claim', root, create: false }, (result) => {
      done(result.task === 'claim' ? result.root : failure(result));
    });
  }
}

interface Move {
  readonly path: string;
  readonly there: RootState;
  /** Where it was. */
  readonly root: string;
  readonly before: RootState | CloudlessError;
}

/** Why a directory is not the folder's that was at `root`. */
function unfit(folder: FolderEngine, { path, there, root, before }: Move): CloudlessError | undefined {
  if (there.state === 'missing') {
    const message = `${path} has no token of "${folder.row.name}", so it is not the directory that was at ${root}.`;
    return new CloudlessError('not-found', message);
  }
  if (there.state !== 'ok') return new CloudlessError('unsafe-path', there.reason);
  if (folder.tree?.isOwn(there) === false) {
    const message = `${path} is another copy of "${folder.row.name}", not the directory that was at ${root}.`;
    return new CloudlessError('exists', message);
  }
  const doubled = !(before instanceof CloudlessError) && before.state === 'ok' && before.place !== there.place;
  if (!doubled || before.nonce !== there.nonce) return undefined;
  const hint = `remove the one that is not to be "${folder.row.name}"`;
  const message = `${path} and ${root} are both there, so one is a copy: ${hint}.`;
  return new CloudlessError('exists', message);
}

function failure(result: TaskResult): CloudlessError {
  if (result.task === 'failed') return new CloudlessError(result.code, result.reason);
  return new CloudlessError('io', 'The directory could not be looked at.');
}
