/** The devices of one person: which belong to it, in which order, and what they do to one another (`spec/03 §8`). */
import type { Act, Id, Item, Pasts } from './entries.js';

export const keysMax = 64;

type Remove = Extract<Act, { is: 'remove' }>;

/** A removal of one of the own devices, or a leave. */
export interface OwnRemoval {
  readonly item: Item;
  /** The device that it takes out; absent in a leave. */
  readonly device: string | undefined;
  readonly cut: readonly Id[];
  readonly renews: boolean;
}

export interface Devices {
  /** The first, then the others in the order in which earlier ones came to know them. */
  readonly logs: readonly string[];
  readonly removals: readonly OwnRemoval[];
}

/** The person that the first entry of a log says it belongs to. */
export function claimOf(first: Item | undefined): string | undefined {
  if (first?.act?.is === 'device') return first.act.person;
  return first?.act?.is === 'join' || first?.act?.is === 'genesis' ? first.log : undefined;
}

/** What the rest of the folder says while a person's devices are looked at. */
export interface Outside {
  readonly pasts: Pasts;
  readonly firstOf: (log: string) => Item | undefined;
  readonly entriesOf: (log: string) => readonly Item[];
  /** Whether somebody else's removal leaves the entry out. */
  readonly isCutOff: (item: Item) => boolean;
  /** Removals of single devices of this person by others, which end the person's keys before them. */
  readonly closings: readonly Item[];
  /** Whether an entry past a fork of its log may count. */
  readonly stands: (item: Item) => boolean;
  readonly logs: readonly string[];
}

export function devicesOf(person: string, outside: Outside): Devices {
  const placed = [person];
  const removals: OwnRemoval[] = [];
  for (let place = 0; place < placed.length; place++) {
    removals.push(...removalsBy(placed, placed[place] as string, removals, person, outside));
    const next = placed.length < keysMax ? nextDevice(person, placed, removals, outside) : undefined;
    if (next !== undefined) placed.push(next);
  }
  return { logs: placed, removals };
}

/** Whether a removal among the person's own devices leaves the entry out. */
export function isOwnCut(item: Item, person: string, devices: Devices, outside: Outside): boolean {
  return devices.removals.some((removal) => cuts(removal, item, person, outside));
}

function cuts(removal: OwnRemoval, item: Item, person: string, outside: Outside): boolean {
  const { pasts } = outside;
  if (removal.device === undefined) return removal.item.id !== item.id && !pasts.sees(removal.item.id, item.id);
  if (removal.device === item.log) return !isInCut(removal.cut, removal.item, item, pasts);
  const first = outside.firstOf(item.log);
  return item.log !== person && first !== undefined && !isCertifiedAfter(first, removal.item, removal.renews, pasts);
}

/** A cut counts as far as its author had seen what it names. */
export function isInCut(cut: readonly Id[], remover: Item, item: Item, pasts: Pasts): boolean {
  return cut.some((id) => pasts.sees(remover.id, id) && pasts.isWithin(id, item));
}

/** Whether a removal had seen the key begin, or the key has a certificate by keys that came with or after it. */
export function isCertifiedAfter(first: Item, removal: Item, renews: boolean, pasts: Pasts): boolean {
  if (pasts.sees(removal.id, first.id) || first.act?.is !== 'device') return true;
  const { certifiedBy } = first.act;
  return (renews && certifiedBy === removal.id) || pasts.sees(certifiedBy, removal.id);
}

function removalsBy(
  placed: readonly string[],
  log: string,
  before: readonly OwnRemoval[],
  person: string,
  outside: Outside,
): readonly OwnRemoval[] {
  const found: OwnRemoval[] = [];
  for (const item of outside.entriesOf(log)) {
    const known = { logs: placed, removals: [...before, ...found.filter(({ device }) => device === undefined)] };
    if (outside.isCutOff(item) || !outside.stands(item)) continue;
    if (isOwnCut(item, person, known, outside)) continue;
    const removal = ownRemoval(item, person, outside);
    if (removal !== undefined) found.push(removal);
  }
  return found;
}

function ownRemoval(item: Item, person: string, outside: Outside): OwnRemoval | undefined {
  const { act, log } = item;
  if (act?.is === 'leave') return { item, device: undefined, cut: [], renews: false };
  if (act?.is !== 'remove' || act.device === undefined || act.device === log) return undefined;
  return isOwnDevice(act, item, person, outside) ? removalOf(act, act.device, item) : undefined;
}

function isOwnDevice({ device }: Remove, item: Item, person: string, outside: Outside): boolean {
  const first = outside.firstOf(device ?? '');
  return first !== undefined && claimOf(first) === person && outside.pasts.sees(item.id, first.id);
}

function removalOf({ cut, renews }: Remove, device: string, item: Item): OwnRemoval {
  return { item, device, cut, renews };
}

/** Of those not placed: whom the earliest device was first to know, else the smallest name. */
function nextDevice(
  person: string,
  placed: readonly string[],
  removals: readonly OwnRemoval[],
  outside: Outside,
): string | undefined {
  const known = { logs: placed, removals };
  const found = outside.logs
    .filter((log) => !placed.includes(log) && isEnrolled(log, person, known, outside))
    .map((log) => ({ log, key: knownBy(log, placed, person, known, outside) }))
    .sort((a, b) => compare(a.key, b.key) || (a.log < b.log ? -1 : 1));
  return found[0]?.log;
}

/** Whether the log begins with a device record by keys that the person had there, and nothing took it out before. */
function isEnrolled(log: string, person: string, known: Devices, outside: Outside): boolean {
  const first = outside.firstOf(log);
  const root = outside.firstOf(person);
  const { pasts } = outside;
  if (first?.act?.is !== 'device' || root === undefined || first.act.person !== person) return false;
  const { certifiedBy } = first.act;
  const renewal = known.removals.find(({ item, renews }) => renews && item.id === certifiedBy);
  const isBy = certifiedBy === root.id || (renewal !== undefined && pasts.sees(first.id, renewal.item.id));
  if (!pasts.sees(first.id, root.id) || !isBy || outside.isCutOff(first) || !outside.stands(first)) return false;
  const closed = outside.closings.some((closing) => !isCertifiedAfter(first, closing, false, pasts));
  return !closed && !isOwnCut(first, person, known, outside);
}

function knownBy(
  log: string,
  placed: readonly string[],
  person: string,
  known: Devices,
  outside: Outside,
): readonly [number, number] {
  const first = outside.firstOf(log) as Item;
  for (const [place, earlier] of placed.entries()) {
    const witness = outside.entriesOf(earlier).find((item) => {
      const counts = !outside.isCutOff(item) && outside.stands(item) && !isOwnCut(item, person, known, outside);
      return counts && outside.pasts.sees(item.id, first.id);
    });
    if (witness !== undefined) return [place, witness.seq];
  }
  return [Number.POSITIVE_INFINITY, 0];
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
}
