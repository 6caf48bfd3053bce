import { CloudlessError } from '../../../errors.js';
import { ignoreFileBytesMax } from '../../../limits.js';
import type { FileResult, FileStamp } from '../../../ports/index.js';
import { bytesOfLines, ignoreFileName, linesOf } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import type { Edits } from '../disk/edits.js';
import { stampOf } from '../disk/local.js';

const attemptsMax = 5;

type Lines = readonly string[];
type Done = (outcome: Lines | CloudlessError) => void;

/** Reads and writes the shared rules on disk, as a person would: what was written is then seen and recorded. */
export class IgnoreFile {
  readonly #core: TreeCore;
  readonly #edits: Edits;

  constructor(core: TreeCore, edits: Edits) {
    this.#core = core;
    this.#edits = edits;
  }

  read(done: Done): void {
    this.#look((lines) => done(lines));
  }

  /** Writes other lines; looks again when somebody else wrote meanwhile. `change` may throw what is handed over. */
  edit(change: (lines: Lines) => Lines, done: Done, attempt = 1): void {
    this.#look((before, expected, executable) => {
      if (before instanceof CloudlessError) return done(before);
      let after: Lines;
      try {
        after = change(before);
      } catch (error) {
        if (!(error instanceof CloudlessError) || error.code === 'internal') throw error;
        return done(error);
      }
      if (after.length === before.length && after.every((line, i) => line === before[i])) return done(after);
      this.#write(after, expected, executable, (outcome, reason) => {
        if (outcome?.outcome === 'changed' && attempt < attemptsMax) return this.edit(change, done, attempt + 1);
        if (outcome?.outcome === 'done') return done(after);
        const why = outcome?.outcome === 'changed' ? 'Others write to it at the same time.' : reason;
        const text = outcome?.outcome === 'failed' ? outcome.reason : why;
        done(new CloudlessError('io', `${ignoreFileName} was not written: ${text}`));
      });
    });
  }

  #look(done: (outcome: Lines | CloudlessError, expected: FileStamp | undefined, executable: boolean) => void): void {
    const { context, root, stopped } = this.#core;
    if (stopped !== undefined) return done(new CloudlessError('io', stopped), undefined, false);
    const work = { task: 'read-file', root, path: ignoreFileName, bytesMax: ignoreFileBytesMax } as const;
    context.task(work, (result) => {
      const outcome = result.task === 'read-file' ? result.outcome : undefined;
      if (outcome?.outcome === 'absent') return done([], undefined, false);
      if (outcome?.outcome !== 'read') {
        const reason = outcome?.reason ?? (result.task === 'failed' ? result.reason : '');
        return done(new CloudlessError('io', `${ignoreFileName} can't be read: ${reason}`), undefined, false);
      }
      const { row, bytes } = outcome;
      if (row.size > bytes.length) {
        return done(new CloudlessError('over-limit', `${ignoreFileName} is too long to be changed.`), undefined, false);
      }
      const lines = linesOf(bytes, true);
      if (lines.some((line) => line.includes('\0'))) {
        const text = `${ignoreFileName} has lines that are not UTF-8: change it by hand.`;
        return done(new CloudlessError('not-supported', text), undefined, false);
      }
      done(lines.at(-1) === '' ? lines.slice(0, -1) : lines, stampOf(row), row.executable ?? false);
    });
  }

  #write(
    lines: Lines,
    expected: FileStamp | undefined,
    executable: boolean,
    done: (outcome: FileResult | undefined, reason: string) => void,
  ): void {
    const bytes = bytesOfLines(lines);
    const mtimeUs = this.#core.context.now() * 1_000;
    const file = { path: ignoreFileName, bytes, size: bytes.length, mtimeUs, executable, expected };
    this.#edits.apply([{ type: 'place-file', ...file }], ([outcome], reason) => done(outcome, reason));
  }
}
