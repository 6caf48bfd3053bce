import { CloudlessError } from '../errors.js';
import type { Codec } from './codec.js';
import { Writer } from './writer.js';

export const bool: Codec<boolean> = {
  write(w, value) {
    w.bool(value);
  },
  read(r) {
    return r.bool();
  },
};

/** 0 to 2^8 - 1. */
export const u8: Codec<number> = upTo(0xff);

/** 0 to 2^16 - 1. */
export const u16: Codec<number> = upTo(0xffff);

/** 0 to 2^32 - 1. */
export const u32: Codec<number> = upTo(0xffff_ffff);

/** 0 to 2^53 - 1. */
export const uint: Codec<number> = upTo(Number.MAX_SAFE_INTEGER);

/** An integer 0 to `max`; another is `malformed`. */
export function upTo(max: number): Codec<number> {
  return {
    write(w, value) {
      w.uint(inRange(value, 0, max));
    },
    read(r) {
      return inRange(r.uint(), 0, max);
    },
  };
}

/** -(2^53 - 1) to 2^53 - 1. */
export const int: Codec<number> = {
  write(w, value) {
    w.int(inRange(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  },
  read(r) {
    return r.int();
  },
};

/** 0 to 2^64 - 1. */
export const u64: Codec<bigint> = {
  write(w, value) {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw outOfRange(value);
    w.uint64(value);
  },
  read(r) {
    return r.uint64();
  },
};

/** `min` to `max` bytes. More are `over-limit`, fewer `malformed`. */
export function bytes(max: number, min = 0): Codec<Uint8Array> {
  return {
    write(w, value) {
      if (value.length > max) throw new CloudlessError('over-limit', `More than ${max} bytes.`);
      if (value.length < min) throw new CloudlessError('malformed', `Fewer than ${min} bytes.`);
      w.bytes(value);
    },
    read(r) {
      return r.bytes(max, min);
    },
  };
}

/** As `bytes`, but what is read is a view of what it was read from: for bytes so many that a copy costs. */
export function bytesView(max: number, min = 0): Codec<Uint8Array> {
  return { ...bytes(max, min), read: (r) => r.bytesView(max, min) };
}

/** What stands before so many bytes, for who writes those elsewhere. */
export function bytesHead(length: number): Uint8Array {
  const writer = new Writer();
  writer.bytesHead(length);
  return writer.finish();
}

/** Exactly `length` bytes; any other number is `malformed`. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    write(w, value) {
      if (value.length !== length) throw wrongLength(value.length, length);
      w.bytes(value);
    },
    read(r) {
      return r.fixed(length);
    },
  };
}

/** Text of up to `bytesMax` bytes of UTF-8. Empty text is allowed; lone surrogates are `malformed`. */
export function text(bytesMax: number): Codec<string> {
  return {
    write(w, value) {
      w.text(value, bytesMax);
    },
    read(r) {
      return r.text(bytesMax);
    },
  };
}

function inRange(value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(value);
  return value;
}

function outOfRange(value: number | bigint): CloudlessError {
  return new CloudlessError('malformed', `The number ${value} is out of its range.`);
}

function wrongLength(length: number, wanted: number): CloudlessError {
  return new CloudlessError('malformed', `${length} bytes, where ${wanted} are needed.`);
}
