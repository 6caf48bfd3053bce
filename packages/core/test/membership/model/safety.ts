/** What must hold of every history, said without the rules that make it so. */
import type { Act, History, Id, Item } from './entries.js';
import { Judge, type Outcome } from './judge.js';
import { claimOf } from './persons.js';
import { Play } from './random.js';

/** What is wrong with an outcome; nothing if all is well. */
export function faults(history: History, outcome: Outcome): readonly string[] {
  const facts = new Facts(history, outcome);
  return [...facts.escalations(), ...facts.returns(), ...facts.silence(), ...facts.founder()];
}

class Facts {
  readonly #history: History;
  readonly #outcome: Outcome;
  readonly #items: ReadonlyMap<Id, Item>;
  readonly #firsts: ReadonlyMap<string, Item>;
  readonly #play: Play;

  constructor(history: History, outcome: Outcome) {
    this.#history = history;
    this.#outcome = outcome;
    this.#items = new Map(history.items.map((item) => [item.id, item]));
    const firsts = history.items.filter(({ seq }) => seq === 1).sort((a, b) => (a.id < b.id ? 1 : -1));
    this.#firsts = new Map(firsts.map((item) => [item.log, item]));
    this.#play = new Play(1, history);
  }

  get #counted(): readonly Item[] {
    return [...this.#outcome.counted].map((id) => this.#items.get(id) as Item);
  }

  #author(item: Item): string {
    return claimOf(this.#firsts.get(item.log)) ?? '';
  }

  #given(person: string, before: Item): readonly Act[] {
    const seen = this.#counted.filter((item) => this.#play.sees(before.id, item.id));
    return seen.flatMap(({ act }) => (act !== undefined && givenTo(act) === person ? [act] : []));
  }

  /** Nobody has a level, or uses one, that nobody entitled gave. */
  *escalations(): Iterable<string> {
    const { owners } = this.#history;
    for (const [person, level] of this.#outcome.members) {
      const given = this.#counted.some(
        ({ act }) => act !== undefined && givenTo(act) === person && levelOf(act) === level,
      );
      if (!given && !(level === 0 && owners.includes(person))) yield `${person} has ${level} of nobody`;
    }
    for (const item of this.#counted) {
      const author = this.#author(item);
      const { act } = item;
      if (act === undefined || owners.includes(author)) continue;
      if (act.is === 'leave' || (act.is === 'remove' && this.#isOwn(act, author))) continue;
      const given = this.#given(author, item);
      if (given.length === 0) yield `${item.id}: ${author} was never let in`;
      if (levelOf(act) === 1) yield `${item.id}: an admin is made by ${author}`;
      const isPower = act.is === 'rank' || act.is === 'policy' || act.is === 'remove';
      if (isPower && !given.some((each) => levelOf(each) === 1)) yield `${item.id}: ${author} was never an admin`;
    }
  }

  #isOwn(act: Extract<Act, { is: 'remove' }>, author: string): boolean {
    return act.device !== undefined && claimOf(this.#firsts.get(act.device)) === author;
  }

  /** Whoever was removed is out. */
  *returns(): Iterable<string> {
    for (const { id, act, log } of this.#counted) {
      if (act?.is === 'leave' && this.#outcome.members.has(this.#author(this.#items.get(id) as Item)))
        yield `${log} left and is in`;
      if (act?.is !== 'remove') continue;
      if (act.person !== undefined && this.#outcome.members.has(act.person)) yield `${act.person} is removed and in`;
      if (act.device !== undefined && this.#outcome.devices.includes(act.device)) yield `${act.device} is in use`;
    }
  }

  /** Of what somebody did who was removed, only that counts which the remover had seen. */
  *silence(): Iterable<string> {
    const removals = this.#counted.filter(({ act }) => act?.is === 'remove' && act.person !== undefined);
    for (const removal of removals) {
      const person = removal.act?.is === 'remove' ? removal.act.person : undefined;
      const late = this.#counted.filter(
        (item) => this.#author(item) === person && !this.#play.sees(removal.id, item.id),
      );
      for (const item of late) yield `${item.id} counts although ${person} is removed`;
    }
  }

  /** The first owner goes only by a leave. */
  *founder(): Iterable<string> {
    const [founder = ''] = this.#history.owners;
    const left = this.#counted.some((item) => item.act?.is === 'leave' && this.#author(item) === founder);
    if (!left && this.#outcome.members.get(founder) !== 0) yield 'the founder is out';
  }
}

function givenTo(act: Act): string | undefined {
  if (act.is === 'admit') return act.device;
  return act.is === 'rank' ? act.person : undefined;
}

function levelOf(act: Act): number | undefined {
  return act.is === 'admit' || act.is === 'rank' ? act.level : undefined;
}

/** Members, devices, and which of these entries count. */
export function told(outcome: Outcome, items: readonly Item[]): unknown {
  return {
    members: [...outcome.members].sort(),
    devices: outcome.devices,
    counted: items.filter(({ id }) => outcome.counted.has(id)).map(({ id }) => id),
  };
}

/** The history with what those who were removed write afterwards, as if they had not heard of it. */
export function withRevenge(history: History, outcome: Outcome, seed: number): History {
  const play = new Play(seed, history);
  const removed = removedBy(history, outcome);
  for (let i = 0; i < 6; i++) {
    const person = play.pick(removed);
    const logs = person === undefined ? [] : play.logsOf(person);
    if (logs.length === 0) continue;
    const log = play.pick(logs);
    for (const { id } of history.items) if (play.chance(0.3)) play.learn(log, id);
    const target = `${play.pick(['a', 'b', 'c', 'd', 'e'])}1`;
    const cut = play.cutOf(log, play.logsOf(target), 'hostile');
    const acts: readonly Act[] = [
      { is: 'remove', person: target, cut, renews: false },
      { is: 'rank', person: target, level: play.pick([1, 2, 4] as const), cut },
      { is: 'admit', device: 'z1', level: play.pick([1, 2, 3] as const) },
      { is: 'remove', device: play.pick(play.begun), cut, renews: true },
      { is: 'policy', invite: 4, sinceJoin: false },
    ];
    const item = play.say(log, play.pick(acts), 'later');
    if (item.act?.is !== 'admit') continue;
    const join = play.firstOf('z1') === undefined;
    if (join) play.append('z1', { is: 'join', admit: item.id, sound: true }, [item.id]);
  }
  return { ...history, items: play.items };
}

/** Persons whom somebody else removed, and it counts. */
export function removedBy(history: History, outcome: Outcome): readonly string[] {
  const counted = history.items.filter(({ id }) => outcome.counted.has(id));
  return counted.flatMap(({ act }) => (act?.is === 'remove' && act.person !== undefined ? [act.person] : []));
}

/** The history in which the founder, who has heard of all but what stands past forks, removes somebody it knows. */
export function withKick(history: History, person: string): History | undefined {
  const play = new Play(1, history);
  const log = 'a1';
  const { pasts } = new Judge(history);
  const parted = history.items.filter((item) => pasts.isPastFork(item));
  for (const { id } of history.items) {
    if (!parted.some((item) => item.id === id || play.sees(id, item.id))) play.learn(log, id);
  }
  const first = play.firstOf(person);
  if (first === undefined || !play.knows(log, first)) return undefined;
  play.say(log, { is: 'remove', person, cut: play.cutOf(log, play.logsOf(person), 'honest'), renews: false });
  return { ...history, items: play.items };
}
