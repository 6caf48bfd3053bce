import { utf8, utf8Text } from '../../../bytes.js';
import { ignoreFileBytesMax } from '../../../limits.js';
import type { RuleTexts } from '../../../tree/index.js';
import { ignoreFileName, linesOf, noLocalRules, Rules } from '../../../tree/index.js';
import type { TaskResult } from '../../inputs.js';
import type { TreeCore } from '../core.js';
import type { Scanner } from '../disk/scan.js';

/** Under which the rules are kept that every path was last gone through for. */
const appliedName = 'rules';
const noRules = keyOf({ shared: [], ...noLocalRules });

/**
 * Keeps the rules of a folder up to date with the shared file on disk and those of this device. After a change it goes
 * through all known paths, a slice at a time, and has the disk looked at before anything is planned: what was not
 * watched over meanwhile is no person's delete.
 */
export class RuleBook {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  #key: string | undefined;
  #isStale = true;
  #isReading = false;
  #walk: Iterator<readonly [string, string]> | undefined;
  #isLooking = false;
  #trouble: string | undefined;

  constructor(core: TreeCore, scanner: Scanner) {
    this.#core = core;
    this.#scanner = scanner;
  }

  /** Whether the disk may be looked at: the rules are those that hold. */
  get isKnown(): boolean {
    return !this.#isStale && !this.#isReading && this.#walk === undefined;
  }

  /** Whether plans may be made. */
  get isSettled(): boolean {
    return this.isKnown && !this.#isLooking;
  }

  /** What is wrong with the shared file, for a person. */
  get trouble(): string | undefined {
    const [first] = this.#core.rules.refused;
    if (this.#trouble !== undefined || first === undefined) return this.#trouble;
    return `Line ${first.line} of ${ignoreFileName} is left out: ${first.reason}.`;
  }

  /** The directory is not there: the rules are read again once it is. */
  expire(): void {
    this.#isStale = true;
  }

  /** The shared file or the rules of this device may have changed. */
  reread(): void {
    this.#isStale = true;
    this.#core.context.again();
  }

  /** Reads what is to be read, or goes through some paths. True when there is more to do now. */
  step(rowsMax: number): boolean {
    const core = this.#core;
    if (core.takeIgnoreFileChanged()) this.#isStale = true;
    if (this.#isReading) return false;
    if (this.#isStale) {
      this.#isStale = false;
      this.#isReading = true;
      const work = { task: 'read-file', root: core.root, path: ignoreFileName, bytesMax: ignoreFileBytesMax } as const;
      core.context.task(work, (result) => this.#read(result));
      return false;
    }
    return this.#walk !== undefined && this.#goThrough(this.#walk, rowsMax);
  }

  #read(result: TaskResult): void {
    this.#isReading = false;
    this.#core.context.again();
    const texts = { shared: this.#shared(result), ...(this.#core.context.localRules?.() ?? noLocalRules) };
    const key = keyOf(texts);
    if (key === this.#key) return;
    this.#key = key;
    this.#core.rules = new Rules(texts);
    this.#walk = key === this.#applied() ? undefined : this.#paths();
  }

  /** What can't be read is not taken for a file without rules. */
  #shared(result: TaskResult): readonly string[] {
    this.#trouble = undefined;
    const outcome = result.task === 'read-file' ? result.outcome : undefined;
    if (outcome?.outcome === 'absent') return [];
    if (outcome?.outcome === 'read') {
      const isWhole = outcome.row.size <= ignoreFileBytesMax;
      if (!isWhole) this.#trouble = `${ignoreFileName} is read up to ${ignoreFileBytesMax} bytes only.`;
      return linesOf(outcome.bytes, isWhole);
    }
    const reason = outcome?.reason ?? (result.task === 'failed' ? result.reason : 'It could not be read.');
    this.#trouble = `${ignoreFileName} could not be read, and what it said before holds: ${reason}`;
    return textsOf(this.#key ?? this.#applied()).shared;
  }

  #applied(): string {
    return utf8Text(this.#core.tables.bytes(appliedName) ?? new Uint8Array(0)) || noRules;
  }

  #goThrough(walk: Iterator<readonly [string, string]>, rowsMax: number): boolean {
    for (let i = 0; i < rowsMax; i++) {
      const { value, done } = walk.next();
      if (done === true) {
        this.#finish();
        return true;
      }
      this.#visit(value[0], value[1]);
    }
    return true;
  }

  #finish(): void {
    this.#walk = undefined;
    this.#core.tables.putBytes(appliedName, utf8(this.#key ?? noRules));
    this.#isLooking = true;
    this.#scanner.look(() => {
      this.#isLooking = false;
      this.#core.context.again();
    });
  }

  *#paths(): Generator<readonly [string, string]> {
    const { tables } = this.#core;
    for (const table of ['base', 'disk', 'versions', 'copy-at']) {
      for (const key of tables.paths(table)) yield [table, key.split('\0')[0] as string];
    }
  }

  #visit(table: string, path: string): void {
    const core = this.#core;
    const isSkipped = core.isSkipped(path);
    if (table === 'base') {
      if (isSkipped) core.setAside(path);
      return;
    }
    if (table === 'disk') {
      if (isSkipped) core.succeeded(path);
      if (core.isBelowSkipped(path)) core.unsee(path);
      else core.dirty(path);
      return;
    }
    if (isSkipped ? core.tables.need(path) !== undefined : !core.isHeld(path)) core.dirty(path);
  }
}

function keyOf({ shared, ignore, want }: RuleTexts): string {
  return JSON.stringify([shared, ignore, want]);
}

function textsOf(key: string): RuleTexts {
  const [shared, ignore, want] = JSON.parse(key) as readonly [readonly string[], readonly string[], readonly string[]];
  return { shared, ignore, want };
}
