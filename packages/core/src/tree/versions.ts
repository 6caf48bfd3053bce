/** Order and merge of versions (`spec/07 §3`). */

import type { ContentId, DeviceId } from '../model/index.js';
import type { Stamp, Vector, Version } from './types.js';

/** Stands for the content of every directory: 32 zero bytes, which no hash is expected to give. */
export const directoryContent: ContentId = '00'.repeat(32) as ContentId;

export type VectorOrder = 'equal' | 'before' | 'after' | 'concurrent';

/** Whether everything `a` builds on is in `b`. */
export function vectorWithin(a: Vector, b: Vector): boolean {
  for (const device in a) {
    if ((b[device as DeviceId] ?? 0) < (a[device as DeviceId] ?? 0)) return false;
  }
  return true;
}

/** `before`: `b` builds on all that `a` does and on more. */
export function compareVectors(a: Vector, b: Vector): VectorOrder {
  const aWithin = vectorWithin(a, b);
  const bWithin = vectorWithin(b, a);
  if (aWithin) return bWithin ? 'equal' : 'before';
  return bWithin ? 'after' : 'concurrent';
}

/** The least vector that holds all of them. */
export function joinVectors(...vectors: readonly Vector[]): Vector {
  const [first, ...rest] = vectors;
  if (first === undefined) return {};
  if (rest.every((vector) => vectorWithin(vector, first))) return first;
  const joined: Record<DeviceId, number> = { ...first };
  for (const vector of rest) {
    for (const device in vector) {
      const seq = vector[device as DeviceId] ?? 0;
      if (seq > (joined[device as DeviceId] ?? 0)) joined[device as DeviceId] = seq;
    }
  }
  return joined;
}

/** The greatest vector within both. */
export function meetVectors(a: Vector, b: Vector): Vector {
  const met: Record<DeviceId, number> = {};
  for (const device in a) {
    const seq = Math.min(a[device as DeviceId] ?? 0, b[device as DeviceId] ?? 0);
    if (seq > 0) met[device as DeviceId] = seq;
  }
  return met;
}

/** The vector with one more entry in it. */
export function extendVector(vector: Vector, device: DeviceId, seq: number): Vector {
  return { ...vector, [device]: Math.max(seq, vector[device] ?? 0) };
}

/** Raw order of stamps; no reader's clock enters. Equal for all of `hlc` 0. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.hlc !== b.hlc) return a.hlc < b.hlc ? -1 : 1;
  return a.hlc === 0n ? 0 : compareText(a.device, b.device);
}

/** Total order of different versions of a path: stamp, content, place; the greatest is shown. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareStamps(a.stamp, b.stamp) ||
    compareText(a.content ?? '', b.content ?? '') ||
    compareText(a.at.device, b.at.device) ||
    a.at.seq - b.at.seq ||
    a.at.index - b.at.index
  );
}

export function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A delete is a version too, but not a live one. */
export function isLiveVersion(version: Version): boolean {
  return version.type !== 'absent';
}

/** Whether two live versions have the same content, also across a change of the folder's constants. */
export function sameContent(a: Version, b: Version): boolean {
  if (a.typeNumber !== b.typeNumber) return false;
  return isContentOf(a.content, b) || isContentOf(a.oldContent, b);
}

/** Whether `content` names what stands in `version`. */
export function isContentOf(content: ContentId | undefined, version: Version): boolean {
  return content !== undefined && (content === version.content || content === version.oldContent);
}

/** The versions that no other one builds on, greatest first, each once. */
export function maximalOf(versions: readonly Version[]): readonly Version[] {
  if (versions.length <= 1) return versions;
  const sorted = [...versions].sort((a, b) => compareVersions(b, a));
  return sorted.filter((version, i) => !sorted.some((other, j) => i !== j && supersedes(other, version, j < i)));
}

/** Of two with equal vectors and equal content only the first counts; other twins are both kept. */
function supersedes(other: Version, version: Version, isEarlier: boolean): boolean {
  if (!vectorWithin(version.vector, other.vector)) return false;
  if (!vectorWithin(other.vector, version.vector)) return true;
  return isEarlier && isSameState(other, version);
}

function isSameState(a: Version, b: Version): boolean {
  return a.typeNumber === b.typeNumber && (!isLiveVersion(a) || sameContent(a, b));
}

/**
 * Whether `version` gives way to `other`, which replaced its content later or deleted what the engine had kept. What
 * the engine carried on gives way to all that came of the same version.
 */
export function yieldsTo(version: Version, other: Version): boolean {
  const { origin } = version;
  const cameOfIt = origin !== undefined && vectorWithin(origin, other.vector);
  if (!cameOfIt && !isContentOf(other.base, version)) return false;
  if (compareStamps(other.stamp, version.stamp) <= 0) return false;
  return isLiveVersion(other) || version.made !== 'person';
}

/**
 * Of maximal versions the live ones that count, greatest first: none that yields, equal content once. The first of
 * them is what the path shows, unless live children make it a directory.
 */
export function countedOf(maximal: readonly Version[]): readonly Version[] {
  if (maximal.length === 1) return maximal.filter(isLiveVersion);
  const standing = maximal.filter(
    (version) => isLiveVersion(version) && !maximal.some((other) => other !== version && yieldsTo(version, other)),
  );
  const groups: Version[][] = [];
  for (const version of standing.sort((a, b) => compareVersions(b, a))) {
    const equal = groups.filter((group) => group.some((other) => sameContent(version, other)));
    const [first, ...others] = equal;
    if (first === undefined) {
      groups.push([version]);
      continue;
    }
    first.push(version);
    for (const other of others) first.push(...groups.splice(groups.indexOf(other), 1).flat());
  }
  return groups.map((group) => group[0] as Version);
}

/** Whether a path with these versions is live by itself. */
export function isLive(versions: readonly Version[]): boolean {
  return countedOf(maximalOf(versions)).length > 0;
}
