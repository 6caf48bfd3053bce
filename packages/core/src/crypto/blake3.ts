/**
 * BLAKE3 wherever JavaScript runs: WebAssembly with SIMD that is generated at run time, or plain JavaScript where that
 * is not to be had. Only this module knows the library of the former.
 */
import { createHasher, createKeyed, hash, warmupSimd } from 'blake3-jit';
import { equalBytes, fromHex } from '../bytes.js';
import { invariant } from '../errors.js';
import { BoundedCache } from './bounded-cache.js';
import type { Blake3Hasher } from './crypto.js';
import { portableBlake3 } from './hashes.js';
import { expectLength, keyBytes } from './sizes.js';

/** BLAKE3 as a `Crypto` offers it, and what does the work. */
export interface Blake3 {
  /** `native`, `WASM` or `JS`. */
  readonly kind: string;
  hash(bytes: Uint8Array): Uint8Array;
  keyed(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  hasher(key?: Uint8Array): Blake3Hasher;
}

/** The fastest BLAKE3 that needs no native code. `wasm: false` asks for plain JavaScript. */
export function pureBlake3(options: { readonly wasm?: boolean } = {}): Blake3 {
  return options.wasm !== false && wasmWorks() ? wasmBlake3() : javaScriptBlake3;
}

/** Keyed hashers kept for use again: setting one up costs several times what a short input does. */
const keyedHashersMax = 16;

function wasmBlake3(): Blake3 {
  const keyedHashers = new BoundedCache<ReturnType<typeof createKeyed>>(keyedHashersMax);
  return {
    kind: 'WASM',
    hash: (bytes) => hash(bytes),
    keyed: (key, bytes) => keyedHashers.get(key, keyedWasmHasher).reset().update(bytes).finalize(),
    hasher: (key) => onceHasher(key === undefined ? createHasher() : keyedWasmHasher(key), (state) => state.finalize()),
  };
}

const javaScriptBlake3: Blake3 = {
  kind: 'JS',
  hash: (bytes) => hasherOf(undefined).update(bytes).digest(),
  keyed: (key, bytes) => hasherOf(key).update(bytes).digest(),
  hasher: hasherOf,
};

function hasherOf(key: Uint8Array | undefined): Blake3Hasher {
  if (key !== undefined) expectLength(key, keyBytes, 'BLAKE3 key');
  return onceHasher(portableBlake3(key), (state) => state.digest());
}

function keyedWasmHasher(key: Uint8Array): ReturnType<typeof createKeyed> {
  expectLength(key, keyBytes, 'BLAKE3 key');
  return createKeyed(key);
}

/** BLAKE3 of 16 KiB of zeros: enough to reach the generated code. */
const zerosDigest = '111f6c2f2ac0fc43154414a6e3e4c104cb04907e9453d3ac85cc5f55cc015b48';

/** Code generated for this machine is believed only after it has given a known answer. */
function wasmWorks(): boolean {
  try {
    return warmupSimd() && equalBytes(hash(new Uint8Array(16_384)), fromHex(zerosDigest) as Uint8Array);
  } catch {
    return false;
  }
}

/** Wraps a running hash so that every implementation fails alike when it is used after its digest. */
export function onceHasher<S extends { update(bytes: Uint8Array): unknown }>(
  state: S,
  finish: (state: S) => Uint8Array,
): Blake3Hasher {
  return new OnceHasher(state, finish);
}

class OnceHasher<S extends { update(bytes: Uint8Array): unknown }> implements Blake3Hasher {
  readonly #state: S;
  readonly #finish: (state: S) => Uint8Array;
  #spent = false;

  constructor(state: S, finish: (state: S) => Uint8Array) {
    this.#state = state;
    this.#finish = finish;
  }

  update(bytes: Uint8Array): this {
    invariant(!this.#spent, 'BLAKE3 hasher used after its digest');
    this.#state.update(bytes);
    return this;
  }

  digest(): Uint8Array {
    invariant(!this.#spent, 'BLAKE3 hasher used after its digest');
    this.#spent = true;
    return this.#finish(this.#state);
  }
}
