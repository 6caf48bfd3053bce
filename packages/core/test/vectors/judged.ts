/** Judges the logs of a vector and compares with what it says. */
import { expect } from 'vitest';
import type { Crypto } from '../../src/crypto/index.js';
import { evaluateMembership } from '../../src/membership/index.js';
import { decodeEntry, type Entry, type FolderId, type Verified, verifyRun } from '../../src/model/index.js';
import { bytes, type Vector } from './read.js';

/** The entries of the logs of a vector, through the gate. */
function verifiedLogs(crypto: Crypto, vector: Vector): readonly Verified<Entry>[] {
  const folder = vector.folder as FolderId;
  return (vector.logs as readonly (readonly string[])[]).flatMap((texts) => {
    const run = texts.map((text) => decodeEntry(crypto, bytes(text)));
    const [first] = run;
    if (first === undefined) return [];
    const { device, log, seq, previous } = first.header;
    return verifyRun(crypto, run, { folder, name: { device, log }, seq: seq - 1, hash: previous });
  });
}

export function expectJudged(crypto: Crypto, vector: Vector): void {
  const entries = verifiedLogs(crypto, vector);
  for (const order of [entries, [...entries].reverse()]) {
    const membership = evaluateMembership(crypto, vector.folder as FolderId, order);
    const { members, invited, voids, waiting, stopped, epochs } = membership;
    const told = members.map(({ person, rank, keys, devices }) => {
      return { person, device: keys.device, rank, devices: devices.map(({ device }) => device) };
    });
    expect(told).toEqual(vector.members);
    expect(invited.map(({ admit, keys, rank }) => ({ admit, device: keys.device, rank }))).toEqual(vector.invited);
    expect(voids).toEqual(vector.voids);
    expect(waiting).toEqual(vector.waiting);
    expect(stopped).toEqual(vector.stopped);
    expect(epochs.map(({ id }) => id)).toEqual(vector.epochs);
    expect(membership.currentEpoch()?.id ?? null).toBe(vector.currentEpoch);
    expect(membership.epochOwed()).toBe(vector.epochOwed);
  }
}
