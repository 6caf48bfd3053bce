/** Random histories: persons with several devices who are apart, at odds, mistaken, restored and hostile. */
import { type Rnd, seeded } from '../../seeded.js';
import type { Act, History, Id, Item, Level } from './entries.js';
import { claimOf } from './persons.js';

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const deviceCount = 3;

/** How somebody writes: as the program would, or as somebody would who wants to get away with something. */
type Manner = 'honest' | 'hostile' | 'later';

/** A folder in the making. */
export class Play {
  readonly rnd: Rnd;
  readonly owners: readonly string[];
  readonly items: Item[] = [];
  /** By log, a bit for each entry that the device knows. */
  readonly #views = new Map<string, bigint>();
  readonly #places = new Map<Id, number>();
  readonly #firsts = new Map<string, Item>();
  /** By entry, a bit for each that it has seen. */
  readonly #pasts: bigint[] = [];
  readonly #renewals = new Map<string, Id[]>();

  constructor(seed: number, history?: History) {
    this.rnd = seeded(seed);
    this.owners = history?.owners ?? names.slice(0, 1 + this.below(3)).map((name) => `${name}1`);
    if (history === undefined) this.append('a1', { is: 'genesis' }, []);
    for (const item of history?.items ?? []) this.#take(item);
  }

  #take(item: Item): void {
    const place = this.items.push(item) - 1;
    this.#places.set(item.id, place);
    if (!this.#firsts.has(item.log)) this.#firsts.set(item.log, item);
    const named = item.previous === undefined ? item.heads : [item.previous, ...item.heads];
    this.#pasts.push(named.reduce((past, id) => past | this.#with(id), 0n));
    this.learn(item.log, item.id);
  }

  /** The entry and all it has seen. */
  #with(id: Id): bigint {
    const place = this.#places.get(id);
    return place === undefined ? 0n : (this.#pasts[place] as bigint) | (1n << BigInt(place));
  }

  below(count: number): number {
    return Math.floor(this.rnd() * count);
  }

  pick<T>(some: readonly T[]): T {
    return some[this.below(some.length)] as T;
  }

  chance(of: number): boolean {
    return this.rnd() < of;
  }

  get begun(): readonly string[] {
    return [...this.#views.keys()];
  }

  entriesOf(log: string): readonly Item[] {
    return this.items.filter((item) => item.log === log);
  }

  firstOf(log: string): Item | undefined {
    return this.#firsts.get(log);
  }

  /** A device hears of an entry and of all that it has seen. */
  learn(log: string, id: Id): void {
    this.#views.set(log, (this.#views.get(log) ?? 0n) | this.#with(id));
  }

  knows(log: string, item: Item): boolean {
    return hasBit(this.#views.get(log) ?? 0n, this.#places.get(item.id) ?? 0);
  }

  known(log: string): readonly Item[] {
    const view = this.#views.get(log) ?? 0n;
    return this.items.filter((_, place) => hasBit(view, place));
  }

  sees(later: Id, earlier: Id): boolean {
    const [a, b] = [this.#places.get(later), this.#places.get(earlier)];
    return a !== undefined && b !== undefined && hasBit(this.#pasts[a] ?? 0n, b);
  }

  /** Entries that a device knows and no other that it knows has seen. */
  frontier(own: string): readonly Id[] {
    const view = this.#views.get(own) ?? 0n;
    const seen = this.#pasts.reduce((all, past, place) => (hasBit(view, place) ? all | past : all), 0n);
    const last = this.items.filter((item, place) => hasBit(view & ~seen, place) && item.log !== own);
    return last.map(({ id }) => id);
  }

  append(log: string, act: Act | undefined, heads: readonly Id[], after?: Item): Item {
    const last = after ?? this.entriesOf(log).at(-1);
    const id = `${Math.floor(this.rnd() * 2 ** 40).toString(36)}-${log}-${this.items.length}`;
    const item: Item = { id, log, seq: (last?.seq ?? 0) + 1, previous: last?.id, heads, act };
    this.#take(item);
    return item;
  }

  /** One device hears of what another knows, or of a part of it. */
  meet(log: string, other: string): void {
    if (this.chance(0.7)) {
      this.#views.set(log, (this.#views.get(log) ?? 0n) | (this.#views.get(other) ?? 0n));
      return;
    }
    const theirs = this.known(other);
    for (const { id } of theirs.slice(0, this.below(theirs.length + 1))) this.learn(log, id);
  }

  say(log: string, act: Act | undefined, manner: Manner = 'honest'): Item {
    const all = this.frontier(log);
    const heads = manner === 'honest' ? all : this.#someHeads(log);
    const back = manner === 'hostile' && this.chance(0.15) ? this.pick(this.entriesOf(log)) : undefined;
    return this.append(log, act, heads, back);
  }

  /** Names little, or something old, as if it had not heard of the rest. */
  #someHeads(log: string): readonly Id[] {
    const others = this.known(log).filter((item) => item.log !== log);
    if (others.length === 0) return [];
    const some = [this.pick(others).id, this.pick(others).id].filter(() => this.chance(0.6));
    return [...new Set(some)];
  }

  cutOf(log: string, logs: readonly string[], manner: Manner): readonly Id[] {
    return logs.flatMap((target) => {
      const known = this.entriesOf(target).filter((item) => this.knows(log, item));
      if (known.length === 0 || (manner === 'hostile' && this.chance(0.3))) return [];
      return [(manner === 'honest' ? (known.at(-1) as Item) : this.pick(known)).id];
    });
  }

  logsOf(person: string): readonly string[] {
    return this.begun.filter((log) => claimOf(this.firstOf(log)) === person);
  }

  renewalsOf(person: string): readonly Id[] {
    return this.#renewals.get(person) ?? [];
  }

  renewed(person: string, item: Item): void {
    this.#renewals.set(person, [...this.renewalsOf(person), item.id]);
  }
}

/** A history from a seed: an opening in which most hear of most, then anything. */
export function randomHistory(seed: number, acts = 34): History {
  const play = new Play(seed);
  const { owners } = play;
  const invite = play.pick([2, 2, 2, 3, 1, 0] as const);
  for (let i = 0; i < acts; i++) step(play, i < acts / 3);
  return { owners, invite, sinceJoin: play.chance(0.3), items: play.items };
}

function step(play: Play, opening: boolean): void {
  const { begun } = play;
  const log = opening && play.chance(0.6) ? 'a1' : play.pick(begun);
  if (play.chance(opening ? 0.9 : 0.45)) for (const other of begun) if (play.chance(0.7)) play.meet(log, other);
  if (play.chance(opening ? 0.55 : 0.2)) begin(play, log, opening);
  else act(play, log, opening || play.chance(0.6) ? 'honest' : 'hostile', opening);
}

/** Somebody lets a device in and it joins, at once or later; or a person enrols a further device. */
function begin(play: Play, log: string, opening: boolean): void {
  const person = play.pick(names);
  const first = `${person}1`;
  if (play.firstOf(first) === undefined) return join(play, log, first, opening);
  const device = `${person}${2 + play.below(deviceCount - 1)}`;
  if (play.firstOf(device) !== undefined) return;
  const sibling = play.pick(play.logsOf(first));
  const keys = [play.firstOf(first)?.id ?? '', ...play.renewalsOf(first)];
  const certifiedBy = opening || play.chance(0.7) ? (keys.at(-1) as Id) : play.pick(keys);
  play.meet(device, sibling);
  if (opening || play.chance(0.8)) play.learn(device, certifiedBy);
  play.append(device, { is: 'device', person: first, certifiedBy }, play.frontier(device));
}

function join(play: Play, log: string, first: string, opening: boolean): void {
  if (play.owners.includes(first)) {
    play.meet(first, log);
    const admit = play.items[0]?.id ?? '';
    play.append(first, { is: 'join', admit, sound: true }, play.frontier(first));
    return;
  }
  const level = play.pick(opening ? ([1, 2, 2, 3, 4] as const) : ([0, 1, 2, 2, 3, 4] as const));
  const admit = play.say(log, { is: 'admit', device: first, level });
  if (play.chance(0.1)) return;
  play.meet(first, log);
  play.append(
    first,
    { is: 'join', admit: admit.id, sound: play.chance(0.97) },
    play.chance(0.95) ? [admit.id] : [play.items[0]?.id ?? ''],
  );
}

function act(play: Play, log: string, manner: Manner, opening: boolean): void {
  const kinds = opening
    ? (['rank', 'rank', 'nothing', 'nothing', 'policy'] as const)
    : (['remove', 'remove', 'remove', 'device', 'rank', 'rank', 'rank', 'admit', 'leave', 'nothing', 'fork'] as const);
  const kind = play.pick(kinds);
  const person = `${play.pick(names)}1`;
  const logs = play.logsOf(person);
  const cut = play.cutOf(log, logs, manner);
  if (kind === 'remove') play.say(log, { is: 'remove', person, cut, renews: false }, manner);
  else if (kind === 'device') removeDevice(play, log, manner);
  else if (kind === 'rank') play.say(log, { is: 'rank', person, level: levelFor(play), cut }, manner);
  else if (kind === 'admit') play.say(log, { is: 'admit', device: person, level: levelFor(play) }, manner);
  else if (kind === 'leave') play.say(log, play.chance(0.3) ? { is: 'leave' } : undefined, manner);
  else if (kind === 'policy') play.say(log, policy(play), manner);
  else if (kind === 'fork') reportFork(play, log);
  else play.say(log, undefined, manner);
}

function levelFor(play: Play): Level {
  return play.pick([1, 1, 2, 3, 4, 0] as const);
}

function policy(play: Play): Act {
  return { is: 'policy', invite: play.pick([1, 2, 3] as const), sinceJoin: play.chance(0.3) };
}

function removeDevice(play: Play, log: string, manner: Manner): void {
  const own = claimOf(play.firstOf(log)) ?? log;
  const person = play.chance(0.75) ? own : `${play.pick(names)}1`;
  const device = play.pick([...play.logsOf(person), log]);
  const renews = person === own && play.chance(0.7);
  const cut = play.cutOf(log, [device], manner);
  const item = play.say(log, { is: 'remove', device, cut, renews }, manner);
  if (renews) play.renewed(own, item);
}

/** Says that a log parts where it does. */
function reportFork(play: Play, log: string): void {
  const known = play.known(log);
  const fork = known.find((a) => known.some((b) => a !== b && a.log === b.log && a.seq === b.seq));
  if (fork !== undefined) play.say(log, { is: 'fork', log: fork.log, seq: fork.seq });
}

/** The same entries in another order. */
export function shuffled(history: History, rnd: Rnd): History {
  const placed = history.items.map((item) => ({ item, place: rnd() })).sort((a, b) => a.place - b.place);
  return { ...history, items: placed.map(({ item }) => item) };
}

function hasBit(bits: bigint, place: number): boolean {
  return ((bits >> BigInt(place)) & 1n) === 1n;
}
