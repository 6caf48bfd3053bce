/**
 * Membership logs as plain data: no bytes, no keys, no signatures. The model judges these by the rules of `spec/03` in
 * the simplest way there is, with sets of names where the product has vectors, and shares no code with it.
 */

/** 0 owner, 1 admin, 2 writer, 3 reader, 4 store. */
export type Level = 0 | 1 | 2 | 3 | 4;

/** A name of an entry, its hash in real logs. */
export type Id = string;

export type Act =
  | { readonly is: 'genesis' }
  | { readonly is: 'join'; readonly admit: Id; readonly sound: boolean }
  | { readonly is: 'device'; readonly person: string; readonly certifiedBy: string }
  | {
      readonly is: 'admit';
      readonly device: string;
      readonly level: Level;
      readonly offer?: Id | undefined;
      readonly proved?: boolean | undefined;
    }
  | { readonly is: 'rank'; readonly person: string; readonly level: Level; readonly cut: readonly Id[] }
  | {
      readonly is: 'remove';
      readonly person?: string | undefined;
      readonly device?: string | undefined;
      readonly cut: readonly Id[];
      /** Whether it brings new keys for the person, whose name is then that of the entry. */
      readonly renews: boolean;
    }
  | { readonly is: 'leave' }
  | { readonly is: 'offer'; readonly level: Level; readonly uses?: number | undefined }
  | { readonly is: 'revoke'; readonly offer: Id }
  | { readonly is: 'policy'; readonly invite: Level; readonly sinceJoin: boolean }
  | { readonly is: 'rotate' }
  | { readonly is: 'fork'; readonly log: string; readonly seq: number }
  | { readonly is: 'epoch'; readonly keys: readonly string[]; readonly stores: readonly string[] };

/** One entry of a device's membership log, with one record at most. */
export interface Item {
  readonly id: Id;
  /** The device; a person is named by the first device. */
  readonly log: string;
  readonly seq: number;
  readonly previous?: Id | undefined;
  readonly heads: readonly Id[];
  readonly act?: Act | undefined;
}

/** A set of entries and the persons who own the folder. */
export interface History {
  readonly owners: readonly string[];
  readonly invite: Level;
  readonly sinceJoin: boolean;
  readonly items: readonly Item[];
}

/** What each entry has seen, of those whose whole past is here. */
export class Pasts {
  /** Each after all that it has seen; of those that could come next, the smallest name. */
  readonly order: readonly Item[];
  readonly byId: ReadonlyMap<Id, Item>;
  /** By log: the lowest place that two entries were signed for. */
  readonly forks: ReadonlyMap<string, number>;
  readonly #places = new Map<Id, bigint>();
  /** By entry, a bit for each that it has seen. */
  readonly #past = new Map<Id, bigint>();

  constructor(items: readonly Item[]) {
    const all = new Map(items.map((item) => [item.id, item]));
    const order: Item[] = [];
    const left = [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (;;) {
      const next = left.findIndex((item) => needs(item).every((id) => this.#past.has(id)));
      const [item] = next < 0 ? [] : left.splice(next, 1);
      if (item === undefined) break;
      this.#places.set(item.id, 1n << BigInt(order.push(item) - 1));
      this.#past.set(
        item.id,
        needs(item).reduce((past, id) => past | this.#bit(id) | this.#of(id), 0n),
      );
    }
    this.order = order;
    this.byId = new Map(order.map((item) => [item.id, item]));
    this.forks = forksOf([...all.values()], order);
  }

  #bit(id: Id): bigint {
    return this.#places.get(id) ?? 0n;
  }

  #of(id: Id): bigint {
    return this.#past.get(id) ?? 0n;
  }

  sees(later: Id, earlier: Id): boolean {
    return (this.#of(later) & this.#bit(earlier)) !== 0n;
  }

  /** Whether the entry is `named` or before it in the same log. */
  isWithin(named: Id | undefined, item: Item): boolean {
    if (named === undefined) return false;
    return named === item.id || (this.sees(named, item.id) && this.byId.get(named)?.log === item.log);
  }

  isPastFork(item: Item): boolean {
    return item.seq >= (this.forks.get(item.log) ?? Number.POSITIVE_INFINITY);
  }
}

function needs(item: Item): readonly Id[] {
  return item.previous === undefined ? item.heads : [item.previous, ...item.heads];
}

/** Two entries at one place, an entry that follows on another than the one here, or somebody's record of it. */
function forksOf(items: readonly Item[], judged: readonly Item[]): ReadonlyMap<string, number> {
  const forks = new Map<string, number>();
  const close = (log: string, seq: number): unknown => forks.set(log, Math.min(seq, forks.get(log) ?? seq));
  for (const a of items) {
    for (const b of items) {
      if (a.log !== b.log || a.id === b.id) continue;
      if (a.seq === b.seq) close(a.log, a.seq);
      if (a.seq === b.seq + 1 && a.previous !== b.id) close(a.log, b.seq);
    }
  }
  for (const { act } of judged) if (act?.is === 'fork') close(act.log, act.seq);
  return forks;
}
