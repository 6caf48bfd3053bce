/**
 * Hybrid logical clocks: 48 bits of milliseconds since 1970, then a 16-bit count (`spec/00 §4`). They order what
 * causality leaves open, and a wrong one displaces only its owner's entries.
 */

import { type Codec, u64 } from '../codec/index.js';
import { clockAheadMsMax } from '../limits.js';

/** `ms << 16 | count`, 0 to 2^64 - 1. */
export type Hlc = bigint;

export const hlcCodec: Codec<Hlc> = u64;

const msMax = 2 ** 48 - 1;

/** The clock of an own new event. Greater than `last` unless that was too far ahead of the wall to be adopted. */
export function tick(last: Hlc, nowMs: number): Hlc {
  const wall = toHlc(nowMs);
  return last < wall || isAhead(last, nowMs) ? wall : last + 1n;
}

/** The clock to go on from after seeing `remote`: the greater of the two, leaving out what is too far ahead. */
export function observe(last: Hlc, remote: Hlc, nowMs: number): Hlc {
  const own = isAhead(last, nowMs) ? 0n : last;
  const seen = isAhead(remote, nowMs) ? 0n : remote;
  return seen > own ? seen : own;
}

/** Whether a clock is more than `clockAheadMsMax` ahead of the wall, so that nobody adopts it and it is marked. */
export function isAhead(clock: Hlc, nowMs: number): boolean {
  return hlcMs(clock) > wallMs(nowMs) + clockAheadMsMax;
}

export function toHlc(ms: number, count = 0): Hlc {
  return (BigInt(wallMs(ms)) << 16n) | BigInt(count & 0xffff);
}

/** Milliseconds since 1970. */
export function hlcMs(clock: Hlc): number {
  return Number(clock >> 16n);
}

/** 0 to 65,535. */
export function hlcCount(clock: Hlc): number {
  return Number(clock & 0xffffn);
}

/** A machine's time as 48 bits, whatever the machine says. */
function wallMs(nowMs: number): number {
  return Math.min(Math.max(Math.floor(nowMs), 0), msMax);
}
