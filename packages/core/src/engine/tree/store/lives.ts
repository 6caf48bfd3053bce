import { utf8, utf8Text } from '../../../bytes.js';
import type { Tables } from './tables.js';

/** What was restored from a backup, as far as database and disk tell. */
export type Restored = 'database' | 'disk' | undefined;

/**
 * Each life of the program leaves its number in the root and in the database. Where the two are not the same, the one
 * with the smaller number is of before: it came back from a backup without the other (`spec/04 §8`).
 */
export class Lives {
  readonly #tables: Tables;
  readonly #home: () => string;
  #next: string | undefined;

  /** `home` names where the database lies, in hex: no other installation leaves the same. */
  constructor(tables: Tables, home: () => string) {
    this.#tables = tables;
    this.#home = home;
  }

  /** Whether this life has left its number in the root, as far as the root takes it. */
  get told(): boolean {
    return this.#next !== undefined;
  }

  /** What the life says that the root tells of, at each look. A root that tells of none says nothing. */
  judge(left: string | undefined): Restored {
    const [last, begun] = [this.#text('life'), this.#text('life-next')];
    const [onDisk, inDatabase] = [numberOf(left), numberOf(last)];
    if (onDisk === undefined || inDatabase === undefined || left === last || left === begun) return undefined;
    return onDisk < inDatabase ? 'disk' : 'database';
  }

  /** Whether a life of a program with its database at this place left that. */
  isFromHere(left: string | undefined): boolean {
    return numberOf(left) !== undefined && left?.split(' ')[2] === this.#home();
  }

  /** What this life is to leave in a root that tells of `left`. Kept before it is left there. */
  begin(left: string | undefined, nowMs: number): string {
    // What is in the root now is of this database: it was judged, and an earlier life may have ended after it wrote it.
    if (left !== undefined && numberOf(left) !== undefined) this.#tables.putBytes('life', utf8(left));
    const last = Math.max(numberOf(left) ?? 0, numberOf(this.#text('life')) ?? 0);
    this.#next = `${last + 1} ${nowMs} ${this.#home()}`;
    this.#tables.putBytes('life-next', utf8(this.#next));
    return this.#next;
  }

  /** The root was looked at after that. */
  left(life: string | undefined): void {
    if (this.#next !== undefined && life === this.#next && life !== this.#text('life')) {
      this.#tables.putBytes('life', utf8(life));
    }
  }

  #text(name: string): string | undefined {
    const bytes = this.#tables.bytes(name);
    return bytes === undefined ? undefined : utf8Text(bytes);
  }
}

function numberOf(life: string | undefined): number | undefined {
  const [number] = /^[1-9][0-9]{0,14}(?= [0-9]+ [0-9a-f]*$)/.exec(life ?? '') ?? [];
  return number === undefined ? undefined : Number(number);
}
