import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import type { FileStamp } from '../../ports/index.js';
import { isSameContent, stampOf } from './rows.js';
import { secondsOf } from './sync.js';

const { O_NOFOLLOW = 0, O_RDONLY, O_RDWR } = constants;
const blockBytes = 1_048_576;
const heldMax = 64;
/** Before what was archived is looked at for the second time. */
const followMs = 1_800;

interface Original {
  readonly handle: number;
  /** The copy in the archive. */
  readonly copy: number;
  copied: FileStamp;
}

/**
 * Files that could only be copied into the archive. Held open they are there for as long as that, whatever takes their
 * name, so what a program writes on into one is found and copied after it. One for each thread.
 */
export class Originals {
  readonly #held = new Set<Original>();

  /** Makes a copy by `copy`, and follows what is written to its original for the next seconds. */
  follow(from: string, to: string, copy: () => void): void {
    const handle = openSync(from, O_RDONLY | O_NOFOLLOW);
    const copied = stampOf(statsOf(handle));
    try {
      copy();
      this.#hold({ handle, copied, copy: openSync(to, O_RDWR | O_NOFOLLOW) });
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  }

  #hold(original: Original): void {
    for (const first of this.#held) if (this.#held.size >= heldMax) this.#release(first);
    this.#held.add(original);
    setTimeout(() => this.#release(original), followMs).unref();
  }

  /** Copies what was written since; the copy's new time tells of it. */
  #release(original: Original): void {
    if (!this.#held.delete(original)) return;
    const { handle, copy, copied } = original;
    try {
      if (!isSameContent(copied, stampOf(statsOf(handle)))) copyOpened(handle, copy);
    } catch {
      // The disk takes no more, or is gone: the copy stays as it was or is found to have changed.
    } finally {
      closeSync(handle);
      closeSync(copy);
    }
  }
}

function statsOf(handle: number): BigIntStats {
  return fstatSync(handle, { bigint: true });
}

/** All bytes and the time of one open file into another. */
function copyOpened(from: number, to: number): void {
  const { mtimeUs } = stampOf(statsOf(from));
  const block = new Uint8Array(blockBytes);
  let size = 0;
  for (let count = readSync(from, block, 0, block.length, 0); count > 0; ) {
    writeSync(to, block, 0, count, size);
    size += count;
    count = readSync(from, block, 0, block.length, size);
  }
  ftruncateSync(to, size);
  futimesSync(to, secondsOf(mtimeUs), secondsOf(mtimeUs));
  fsyncSync(to);
}
