import type { FolderId } from '../model/index.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';

interface Waiter {
  readonly id: number;
  readonly folders: readonly FolderId[];
  deadlineMs: number | undefined;
  /** Whose disk is being looked at: a folder may be begun anew meanwhile. */
  readonly asked: Set<FolderEngine>;
  /** Folders whose disk was looked at after the command began. */
  readonly looked: Set<FolderEngine>;
}

/**
 * Those who wait until folders are in step: looked at after they asked, a member connected, heads equal, nothing
 * pending.
 */
export class Waiters {
  readonly #device: DeviceEngine;
  readonly #waiters = new Map<number, Waiter>();

  constructor(device: DeviceEngine) {
    this.#device = device;
  }

  add(id: number, folders: readonly FolderEngine[], timeoutMs: number | undefined): void {
    const deadlineMs = timeoutMs === undefined ? undefined : this.#device.now() + timeoutMs;
    const ids = folders.map(({ folder }) => folder);
    const waiter: Waiter = { id, folders: ids, deadlineMs, asked: new Set(), looked: new Set() };
    this.#waiters.set(id, waiter);
    for (const folder of folders) this.#look(waiter, folder);
  }

  #look(waiter: Waiter, folder: FolderEngine): void {
    waiter.asked.add(folder);
    if (folder.tree === undefined) waiter.looked.add(folder);
    else folder.tree.look(() => waiter.looked.add(folder));
  }

  cancel(id: number): void {
    this.#waiters.delete(id);
  }

  clockWentBack(byMs: number): void {
    for (const waiter of this.#waiters.values()) if (waiter.deadlineMs !== undefined) waiter.deadlineMs -= byMs;
  }

  step(): void {
    for (const waiter of this.#waiters.values()) {
      // A folder that could not be joined in the end is waited for no more.
      const here = waiter.folders.flatMap((id) => this.#device.folder(id) ?? []);
      for (const folder of here) if (!waiter.asked.has(folder)) this.#look(waiter, folder);
      const late = here.filter((folder) => !waiter.looked.has(folder) || !folder.inStep());
      const braked = late.find((folder) => waiter.looked.has(folder) && isBraked(folder));
      if (late.length === 0) this.#reply(waiter);
      else if (braked !== undefined) this.#ask(waiter, braked);
      else if (waiter.deadlineMs !== undefined && this.#device.now() >= waiter.deadlineMs) this.#timeOut(waiter, late);
    }
  }

  nextWake(): number | undefined {
    const deadlines = [...this.#waiters.values()].flatMap(({ deadlineMs }) => deadlineMs ?? []);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  #reply(waiter: Waiter): void {
    this.#waiters.delete(waiter.id);
    const [only] = waiter.folders;
    const isOne = only !== undefined && waiter.folders.length === 1;
    const fingerprint = isOne ? this.#device.folder(only)?.tree?.status().fingerprint : undefined;
    const missing = waiter.folders.reduce((sum, id) => sum + (this.#device.folder(id)?.tree?.status().missing ?? 0), 0);
    this.#device.emit({
      type: 'reply',
      id: waiter.id,
      result: {
        inStep: true,
        ...(fingerprint === undefined ? {} : { fingerprint }),
        ...(missing === 0 ? {} : { missing }),
      },
    });
  }

  /** No waiting helps where a person has to decide. */
  #ask(waiter: Waiter, folder: FolderEngine): void {
    this.#waiters.delete(waiter.id);
    const message = `${folder.row.name}: ${reasonOf(folder)}`;
    this.#device.emit({ type: 'reject', id: waiter.id, code: 'needs-person', message, details: {} });
  }

  #timeOut(waiter: Waiter, late: readonly FolderEngine[]): void {
    this.#waiters.delete(waiter.id);
    const message = late.map((folder) => `${folder.row.name}: ${reasonOf(folder)}`).join('; ');
    this.#device.emit({
      type: 'reject',
      id: waiter.id,
      code: 'timeout',
      message: `Not in step in time. ${message}${message.endsWith('.') ? '' : '.'}`,
      details: {},
    });
  }
}

function isBraked({ tree }: FolderEngine): boolean {
  return tree !== undefined && tree.brake.held > 0;
}

function reasonOf(folder: FolderEngine): string {
  if (folder.tree !== undefined && isBraked(folder)) return folder.tree.brake.reason();
  if (folder.paused) return 'it is paused';
  const members = folder.sync.peers().filter((peer) => peer.proven);
  if (members.length === 0) return 'no member is connected';
  const status = folder.tree?.status();
  if (status !== undefined && status.state !== 'inStep') return status.reason ?? status.state;
  return 'the logs are not equal with all connected members yet';
}
