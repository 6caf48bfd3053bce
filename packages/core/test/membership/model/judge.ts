/** The rules of `spec/03 §6` to `§9` and `spec/05 §4` by brute force. */
import { type Act, type History, type Id, type Item, type Level, Pasts } from './entries.js';
import { claimOf, type Devices, devicesOf, isInCut, isOwnCut, type Outside } from './persons.js';

/** An act that counts, with the person who did it. */
interface Counted {
  readonly item: Item;
  readonly by: string;
}

/** Gives somebody a level: an admit, or a rank record, which has a cut. */
interface Assignment extends Counted {
  readonly person: string;
  readonly level: Level;
  readonly cut: readonly Id[] | undefined;
  readonly key: readonly [number, number, Id];
}

interface Removal extends Counted {
  readonly act: Extract<Act, { is: 'remove' }>;
  readonly person: string;
}

export interface Outcome {
  /** Level by person, of those who are members. */
  readonly members: ReadonlyMap<string, Level>;
  /** Devices in use. */
  readonly devices: readonly string[];
  /** Entries whose act counts. */
  readonly counted: ReadonlySet<Id>;
}

export class Judge {
  readonly history: History;
  readonly pasts: Pasts;
  readonly counted = new Map<Id, Counted>();
  readonly assignments: Assignment[] = [];
  readonly removals: Removal[] = [];
  readonly #firsts = new Map<string, Item>();
  readonly #byLog = new Map<string, readonly Item[]>();
  readonly #judged = new Set<Id>();
  /** Owners and admins who were judged, in the order of power. */
  readonly #strong: string[] = [];
  /** Devices by person and number of acts that counted then. */
  readonly #known = new Map<string, Devices>();
  /** Persons whose devices are settled, in the last stage. */
  readonly #settled = new Map<string, Devices>();

  constructor(history: History) {
    this.history = history;
    this.pasts = new Pasts(history.items);
    for (const item of [...this.pasts.order].sort(bySeq)) {
      this.#byLog.set(item.log, [...(this.#byLog.get(item.log) ?? []), item]);
      if (item.seq === 1 && (!this.#firsts.has(item.log) || item.act?.is === 'genesis'))
        this.#firsts.set(item.log, item);
    }
  }

  run(): Outcome {
    if (!this.pasts.order.some(({ act }) => act?.is === 'genesis')) {
      return { members: new Map(), devices: [], counted: new Set() };
    }
    for (const owner of this.history.owners) this.#judgePerson(owner, 0, [0, 0, '']);
    const admins = new Map<string, Assignment>();
    for (const each of [...this.assignments].sort((a, b) => byKey(a.key, b.key))) {
      if (each.level === 1 && !admins.has(each.person)) admins.set(each.person, each);
    }
    for (const [person, { key }] of admins) this.#judgePerson(person, 1, key);
    for (const item of this.pasts.order) this.#judgeLast(item);
    return this.#outcome();
  }

  // Persons

  /** Judges what somebody did at a level; their other acts wait for a later stage. */
  #judgePerson(person: string, level: Level, key: Assignment['key']): void {
    const devices = this.#devices(person);
    for (const item of this.pasts.order) {
      if (!devices.logs.includes(item.log) || !this.#isIn(item, person, devices)) continue;
      if (this.levelAt(person, item) === level) this.#judgeAct(item, person, level, key);
    }
    this.#strong.push(person);
  }

  #judgeLast(item: Item): void {
    const first = this.#firsts.get(item.log);
    const person = claimOf(first);
    if (first === undefined || person === undefined) return;
    const devices = this.#settled.get(person) ?? this.#devices(person);
    if (this.#firsts.get(person) !== undefined) this.#settled.set(person, devices);
    if (!devices.logs.includes(item.log) || !this.#isIn(item, person, devices)) return;
    const level = this.levelAt(person, item);
    if (level !== undefined && level > 1) this.#judgeAct(item, person, level, [9, 0, '']);
  }

  #devices(person: string): Devices {
    const vouched = this.pasts.forks.size === 0 ? '' : `${this.assignments.length} ${this.#strong.length}`;
    const known = `${person} ${this.removals.length} ${vouched}`;
    const devices = this.#known.get(known) ?? this.#findDevices(person);
    this.#known.set(known, devices);
    return devices;
  }

  #findDevices(person: string): Devices {
    return this.#isBegun(person) ? devicesOf(person, this.#outside(person, true)) : { logs: [], removals: [] };
  }

  /** Whether a person's first log begins as it should; that somebody let them in is another question. */
  #isBegun(person: string): boolean {
    const first = this.#firsts.get(person);
    if (first === undefined || !this.#stands(first, person)) return false;
    if (first.act?.is === 'genesis') return person === this.history.owners[0];
    return first.act?.is === 'join' && first.act.sound;
  }

  #outside(person: string, forks: boolean): Outside {
    const isPast = (item: Item): boolean => this.pasts.isPastFork(item) && item.act?.is !== 'genesis';
    return {
      pasts: this.pasts,
      firstOf: (log) => this.#firsts.get(log),
      entriesOf: (log) => this.#byLog.get(log) ?? [],
      isCutOff: (item) => this.#isCutOff(item),
      closings: this.removals.filter((each) => each.person === person && each.act.device).map(({ item }) => item),
      stands: (item) => (forks ? this.#stands(item, person) : !isPast(item)),
      logs: [...this.#byLog.keys()],
    };
  }

  #isIn(item: Item, person: string, devices: Devices): boolean {
    if (this.#isCutOff(item) || !this.#stands(item, person)) return false;
    return !isOwnCut(item, person, devices, this.#outside(person, true));
  }

  /** Whether somebody else's removal leaves an entry out. */
  #isCutOff(item: Item): boolean {
    const person = claimOf(this.#firsts.get(item.log));
    return this.removals.some((removal) => {
      const isHit = removal.act.device === undefined ? removal.person === person : removal.act.device === item.log;
      return isHit && !isInCut(removal.act.cut, removal.item, item, this.pasts);
    });
  }

  // Forks

  /** Past a fork an entry counts if an unforked device of the person, or of somebody stronger, named it. */
  #stands(item: Item, person: string): boolean {
    if (!this.pasts.isPastFork(item) || item.act?.is === 'genesis') return true;
    const need = this.levelAt(person, item) === 0 ? 0 : 1;
    return this.pasts.order.some(
      (witness) => this.pasts.sees(witness.id, item.id) && this.#vouches(witness, item, person, need),
    );
  }

  #vouches(witness: Item, item: Item, person: string, need: Level): boolean {
    const by = claimOf(this.#firsts.get(witness.log));
    if (by === undefined || witness.log === item.log || this.pasts.isPastFork(witness) || this.#isCutOff(witness))
      return false;
    const first = this.#firsts.get(by);
    if (first === undefined || this.pasts.isPastFork(first)) return false;
    const outside = this.#outside(by, false);
    const devices = devicesOf(by, outside);
    if (!devices.logs.includes(witness.log) || isOwnCut(witness, by, devices, outside)) return false;
    if (by === person) return true;
    const level = this.#strong.includes(by) ? this.levelAt(by, witness) : undefined;
    return level !== undefined && level <= need;
  }

  // Levels

  /** The level of a person in an entry of theirs: what it had seen, and no more than what it was cut down to. */
  levelAt(person: string, item: Item): Level | undefined {
    let level = this.levelIn(person, item.id);
    if (level === undefined) return undefined;
    const own = this.assignments.filter((each) => each.person === person);
    const seen = own.filter((each) => this.pasts.sees(item.id, each.item.id));
    for (const each of own) {
      if (each.cut === undefined || seen.includes(each)) continue;
      const isOver = seen.some((later) => this.pasts.sees(later.item.id, each.item.id));
      if (!isOver && !isInCut(each.cut, each.item, item, this.pasts)) level = Math.max(level, each.level) as Level;
    }
    return level;
  }

  /** The level of a person as an entry had seen it; with none, as all tells. */
  levelIn(person: string, id: Id | undefined): Level | undefined {
    const isSeen = (each: Assignment): boolean => id === undefined || this.pasts.sees(id, each.item.id);
    const ranks = this.assignments.filter((each) => each.person === person && each.cut !== undefined && isSeen(each));
    const last = ranks.filter((each) => !ranks.some((later) => this.pasts.sees(later.item.id, each.item.id)));
    if (last.length > 0) return Math.max(...last.map(({ level }) => level)) as Level;
    if (this.history.owners.includes(person)) return 0;
    const root = this.#rootOf(person);
    return root !== undefined && isSeen(root) ? root.level : undefined;
  }

  /** The admit that a join names, if it counts. */
  #rootOf(person: string): Assignment | undefined {
    const first = this.#firsts.get(person);
    if (first?.act?.is !== 'join') return undefined;
    const { admit } = first.act;
    const given = this.assignments.find((each) => each.item.id === admit && each.person === person);
    return given !== undefined && this.pasts.sees(first.id, admit) ? given : undefined;
  }

  // Acts

  #judgeAct(item: Item, by: string, level: Level, key: Assignment['key']): void {
    if (this.#judged.has(item.id)) return;
    this.#judged.add(item.id);
    const { act } = item;
    if (act === undefined || !this.#mayAct(item, act, by, level, key)) return;
    this.counted.set(item.id, { item, by });
    const place = this.history.owners.indexOf(by);
    const own = [place, item.seq, item.id] as const;
    if (act.is === 'admit') {
      this.assignments.push({ item, by, person: act.device, level: act.level, cut: undefined, key: own });
    } else if (act.is === 'rank') {
      this.assignments.push({ item, by, person: act.person, level: act.level, cut: act.cut, key: own });
    } else if (act.is === 'remove') {
      const person = act.person ?? (claimOf(this.#firsts.get(act.device ?? '')) as string);
      this.removals.push({ item, by, act, person });
    }
  }

  #mayAct(item: Item, act: Act, by: string, level: Level, key: Assignment['key']): boolean {
    switch (act.is) {
      case 'admit':
        return this.#mayAdmit(item, act, level);
      case 'rank':
        if (act.level === 0 || (act.level === 1 && level !== 0)) return false;
        return this.#isBelow(act.person, item, by, level, key);
      case 'remove': {
        const person = act.person ?? this.#seenPerson(act.device ?? '', item);
        return person !== undefined && this.#isBelow(person, item, by, level, key);
      }
      case 'policy':
        return level === 0;
      case 'rotate':
      case 'revoke':
        return level <= 1;
      case 'offer':
        return this.#mayInvite(item, level, act.level);
      case 'epoch':
        return level <= 2;
      case 'fork':
        return true;
      default:
        return false;
    }
  }

  #seenPerson(device: string, item: Item): string | undefined {
    const first = this.#firsts.get(device);
    return first !== undefined && this.pasts.sees(item.id, first.id) ? claimOf(first) : undefined;
  }

  #mayAdmit(item: Item, act: Extract<Act, { is: 'admit' }>, level: Level): boolean {
    return this.#mayInvite(item, level, act.level);
  }

  #mayInvite(item: Item, level: Level, given: Level): boolean {
    if (given === 0 || given < level || (given === 1 && level !== 0)) return false;
    return level <= this.policyIn(item.id).invite;
  }

  /** The strictest of the last policies that an entry had seen. */
  policyIn(id: Id): { readonly invite: Level; readonly sinceJoin: boolean } {
    const seen = [...this.counted.values()].filter(
      ({ item }) => item.act?.is === 'policy' && this.pasts.sees(id, item.id),
    );
    const last = seen.filter(({ item }) => !seen.some((later) => this.pasts.sees(later.item.id, item.id)));
    const acts = last.flatMap(({ item: { act } }) => (act?.is === 'policy' ? [act] : []));
    if (acts.length === 0) return this.history;
    const invite = Math.min(...acts.map((act) => act.invite)) as Level;
    return { invite, sinceJoin: acts.some(({ sinceJoin }) => sinceJoin) };
  }

  /** Whether an owner or admin may act on somebody whom the entry knows of. */
  #isBelow(person: string, item: Item, by: string, level: Level, key: Assignment['key']): boolean {
    if (level > 1 || person === by || !this.#isKnown(person, item)) return false;
    const theirs = this.levelIn(person, item.id);
    const { owners } = this.history;
    if (level === 0) return theirs !== 0 || owners.indexOf(by) < owners.indexOf(person);
    if (theirs !== undefined && theirs <= 1) return false;
    const unseen = this.assignments.filter((each) => each.level === 1 && each.person === person);
    return !unseen.some((each) => !this.pasts.sees(item.id, each.item.id) && byKey(each.key, key) < 0);
  }

  #isKnown(person: string, item: Item): boolean {
    const first = this.#firsts.get(person);
    if (this.history.owners.includes(person) || (first !== undefined && this.pasts.sees(item.id, first.id)))
      return true;
    const admits = this.pasts.order.filter(({ act }) => act?.is === 'admit' && act.device === person);
    return admits.some(({ id }) => this.pasts.sees(item.id, id));
  }

  // Outcome

  #outcome(): Outcome {
    const members = new Map<string, Level>();
    const devices: string[] = [];
    for (const person of this.#firsts.keys()) {
      const level = this.#levelNow(person);
      if (level === undefined) continue;
      members.set(person, level);
      devices.push(...this.#inUse(person));
    }
    return { members, devices: devices.sort(), counted: new Set([...this.counted.keys(), ...this.#ownRemovals()]) };
  }

  #ownRemovals(): readonly Id[] {
    const own = [...this.#firsts.keys()].flatMap((person) =>
      this.levelIn(person, undefined) === undefined ? [] : this.#devices(person).removals,
    );
    return own.map(({ item }) => item.id);
  }

  #levelNow(person: string): Level | undefined {
    if (!this.#isBegun(person)) return undefined;
    const settled = this.#devices(person);
    const hasLeft = settled.removals.some(({ device }) => device === undefined);
    const isOut = this.removals.some((each) => each.person === person && each.act.device === undefined);
    return hasLeft || isOut ? undefined : this.levelIn(person, undefined);
  }

  #inUse(person: string): readonly string[] {
    const { logs, removals } = this.#devices(person);
    const out = (log: string): boolean => {
      const first = this.#firsts.get(log);
      const isRemoved = this.removals.some(({ act }) => act.device === log);
      const isOwn = removals.some((each) => each.device === log);
      const isCut = first === undefined || !this.#isIn(first, person, { logs, removals });
      return isRemoved || isOwn || isCut || this.pasts.forks.has(log);
    };
    return logs.filter((log) => !out(log));
  }
}

function bySeq(a: Item, b: Item): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : 1);
}

function byKey(a: Assignment['key'], b: Assignment['key']): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

export function judge(history: History): Outcome {
  return new Judge(history).run();
}
