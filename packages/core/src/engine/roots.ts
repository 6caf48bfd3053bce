import { CloudlessError } from '../errors.js';
import type { FolderId } from '../model/index.js';
import type { RootOptions, RootState } from '../ports/index.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import type { TaskResult } from './inputs.js';
import { sayGoodbye } from './member-commands.js';

type Done<T> = (outcome: T | CloudlessError) => void;

/** A folder that was left. */
export interface LeftFolder {
  readonly folder: FolderId;
  readonly name: string;
  /** Where it was. */
  readonly path: string | null;
  readonly erased: boolean;
  /** How many members' devices were connected, and heard of it. */
  readonly told: number;
}

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
   * without its token, and one that is a copy while the other is still there. With `merge` any directory will do that
   * is not another folder's: what is there is looked at as when joining.
   */
  relink(folder: FolderEngine, path: string, merge: boolean, done: Done<FolderEngine>): void {
    const { root } = folder.row;
    if (root === undefined) return done(new CloudlessError('usage', 'This folder has no directory.'));
    this.prepare(path, { create: false, token: folder.folder }, (real) => {
      if (real instanceof CloudlessError) return done(real);
      this.#look(folder.folder, real, (there) => {
        if (merge) return this.#merge(folder, real, there, done);
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

  /**
   * Forgets a folder: its keys and logs go, and from its directory the token, or with `erase` everything. What is at
   * its place is left alone when it is not its own. Who is connected is told, and tells the others; with nobody there,
   * this device is to them one that never comes.
   */
  leave(folder: FolderEngine, erase: boolean, done: Done<LeftFolder>): void {
    const { folder: id, name, root } = folder.row;
    const say = (): number => sayGoodbye(this.#device, folder);
    if (root === undefined) {
      const told = say();
      return this.#forget(folder, () => done({ folder: id, name, path: null, erased: false, told }));
    }
    this.#look(id, root, (state) => {
      const isOwn =
        !(state instanceof CloudlessError) && state.state !== 'missing' && folder.tree?.root.isOwn(state) === true;
      if (erase && !isOwn) {
        const reason = state instanceof CloudlessError || state.state === 'ok' ? '' : ` ${state.reason}`;
        return done(new CloudlessError('not-found', `There is nothing of "${name}" to delete at ${root}.${reason}`));
      }
      const task = erase ? ('erase' as const) : ('release' as const);
      const told = say();
      this.#forget(folder, () => {
        const left = { folder: id, name, path: root, erased: erase, told };
        if (!isOwn) return done(left);
        this.#device.task('', { task, root }, (result) => done(result.task === 'failed' ? failure(result) : left));
      });
    });
  }

  /** Forgets all of a folder here; `done` is called once that is kept. */
  #forget(folder: FolderEngine, done: () => void): void {
    const { folder: id, root } = folder.row;
    if (this.#device.folder(id) !== folder) return done();
    this.#device.home.forget(id);
    this.#device.connections.close(id, 'the folder was left');
    this.#device.detach(id);
    const next = root ?? '';
    this.#device.task('', { task: 'unwatch', root: next }, () => {
      this.#device.dropStore(id);
      done();
    });
  }

  #merge(folder: FolderEngine, path: string, there: RootState | CloudlessError, done: Done<FolderEngine>): void {
    const reason = there instanceof CloudlessError ? there.message : there.state === 'ok' ? undefined : there.reason;
    const fits = !(there instanceof CloudlessError) && (there.state === 'ok' || there.state === 'missing');
    if (!fits) return done(new CloudlessError('unsafe-path', reason ?? ''));
    const { root = path } = folder.row;
    this.#device.task(folder.folder, { task: 'unwatch', root }, () => undefined);
    folder.row = { ...folder.row, root: path };
    this.#device.home.putFolder(folder.row);
    this.#device.renewals.add(folder.folder, 'merged');
    done(folder);
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
    const hint = `so it may not be the directory that was at ${root}; --merge takes it all the same`;
    const message = `${path} has no token of "${folder.row.name}", ${hint}.`;
    return new CloudlessError('not-found', message);
  }
  if (there.state !== 'ok') return new CloudlessError('unsafe-path', there.reason);
  if (folder.tree?.root.isOwn(there) === false) {
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
