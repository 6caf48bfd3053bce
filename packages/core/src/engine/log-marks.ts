import { decode, encode, struct, u64, uint } from '../codec/index.js';
import { type LogName, logKey, logKeyBytes, observe, tick } from '../model/index.js';
import type { Store } from '../ports/index.js';

const clockCodec = struct({ clock: [0, u64] });
const seqCodec = struct({ seq: [0, uint] });
const clockKey = new Uint8Array([1]);
const gapKey = new Uint8Array([3]);
const againKey = new Uint8Array([4]);

/** Why all content is to be applied again. */
export type Again = 'recut' | 'parted';

/** What our own logs need to go on: their clock, what they have named of others, and how far others were sent them. */
export class LogMarks {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #marks = new Map<string, number>();
  #clock: bigint;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    const clock = store.get('meta', clockKey);
    this.#clock = clock === undefined ? 0n : decode(clockCodec, clock, 16).clock;
  }

  /** The last entry of a log that our content log names, 0 for none. */
  named(log: LogName): number {
    return this.#mark('named', log);
  }

  name(log: LogName, seq: number): void {
    this.#put('named', log, seq);
  }

  /** The last entry of a log of ours that was sent to somebody, 0 for none. */
  served(log: LogName): number {
    return this.#mark('served', log);
  }

  serve(log: LogName, seq: number): void {
    if (seq > this.served(log)) this.#put('served', log, seq);
  }

  /** Something was applied that names an entry of a branch which nobody had. */
  get hasGap(): boolean {
    return this.#store.get('meta', gapKey) !== undefined;
  }

  gap(is: boolean): void {
    if (is) this.#store.put('meta', gapKey, new Uint8Array([1]));
    else this.#store.delete('meta', gapKey);
  }

  /**
   * Why all content is to be applied again: it counts otherwise now, or some of it stands in a branch. Kept over a
   * crash, as nothing else tells.
   */
  get again(): Again | undefined {
    const row = this.#store.get('meta', againKey);
    return row === undefined ? undefined : row[0] === 1 ? 'recut' : 'parted';
  }

  applyAgain(why: Again): void {
    if (this.again !== 'parted') this.#store.put('meta', againKey, new Uint8Array([why === 'recut' ? 1 : 2]));
  }

  appliesAgain(): void {
    this.#store.delete('meta', againKey);
  }

  /** What the clock will say next. */
  next(): bigint {
    return tick(this.#clock, this.#now());
  }

  tick(): bigint {
    this.#clock = this.next();
    this.#store.put('meta', clockKey, encode(clockCodec, { clock: this.#clock }));
    return this.#clock;
  }

  observe(clock: bigint): void {
    this.#clock = observe(this.#clock, clock, this.#now());
  }

  #mark(table: 'named' | 'served', log: LogName): number {
    const key = table + logKey(log);
    const known = this.#marks.get(key);
    if (known !== undefined) return known;
    const row = this.#store.get(table, logKeyBytes(log));
    const seq = row === undefined ? 0 : decode(seqCodec, row, 16).seq;
    this.#marks.set(key, seq);
    return seq;
  }

  #put(table: 'named' | 'served', log: LogName, seq: number): void {
    this.#marks.set(table + logKey(log), seq);
    this.#store.put(table, logKeyBytes(log), encode(seqCodec, { seq }));
  }
}
