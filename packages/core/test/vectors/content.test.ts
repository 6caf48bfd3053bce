import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, uint32Bytes } from '../../src/bytes.js';
import { decode, encode } from '../../src/codec/index.js';
import {
  bitmapCodec,
  buildList,
  ChunkBitmap,
  type ChunkRef,
  checkConstants,
  checkContentId,
  contentRefCodec,
  cutLengths,
  faultOf,
  gearTable,
  listKey,
  openChunk,
  openNode,
  sealChunk,
} from '../../src/content/index.js';
import type { Crypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { type ChunkId, toChunkId } from '../../src/model/index.js';
import { providers } from '../providers.js';

const folder = new URL('../../../../test-vectors/content/', import.meta.url);

type Vector = Readonly<Record<string, unknown>> & { readonly operation: string; readonly expect: string };

function bytes(vector: Vector, field: string): Uint8Array {
  const value = fromHex(String(vector[field]));
  if (value === undefined) throw new Error(`${field} is not hex`);
  return value;
}

/** Runs a case that may be refused; says how it ended and whose fault it was. */
function judge(vector: Vector, attempt: () => void): void {
  let code = 'ok';
  let fault: string | undefined;
  try {
    attempt();
  } catch (error) {
    code = errorCode(error);
    fault = faultOf(error);
    if (code === 'internal') throw error;
  }
  expect({ code, fault }).toEqual({ code: vector.expect, fault: vector['fault'] });
}

function sealedRef(vector: Vector): ChunkRef {
  return { id: String(vector['id']) as ChunkId, length: Number(vector['length']), key: bytes(vector, 'key') };
}

function contentByRule(crypto: Crypto, rule: { keystream?: number; fill?: number; length: number }): Uint8Array {
  if (rule.keystream === undefined) return new Uint8Array(rule.length).fill(rule.fill ?? 0);
  return crypto.chacha20(new Uint8Array(32).fill(rule.keystream), new Uint8Array(12), new Uint8Array(rule.length));
}

function chunksByRule(crypto: Crypto, rule: { count: number; lowBits: string }): readonly ChunkRef[] {
  return Array.from({ length: rule.count }, (_, index) => {
    const id = crypto.blake3(Uint8Array.of(...uint32Bytes(index), 0));
    if (rule.lowBits === 'zero') id.fill(0, 30);
    return { id: toChunkId(id), length: 65_536 + index, key: crypto.blake3(Uint8Array.of(...uint32Bytes(index), 1)) };
  });
}

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  constants(crypto, vector) {
    const [gear, convergence] = [bytes(vector, 'gear'), bytes(vector, 'convergence')];
    const constants = { gear, convergence, fingerprint: bytes(vector, 'fingerprint') };
    judge(vector, () => checkConstants(crypto, constants, bytes(vector, 'commitment')));
  },
  gear(crypto, vector) {
    const table = [...gearTable(crypto, bytes(vector, 'gear'))].map((value) => toHex(uint32Bytes(value >>> 0)));
    expect(table.join('')).toBe(vector['table']);
  },
  cut(crypto, vector) {
    const content = contentByRule(crypto, vector['content'] as { length: number });
    expect(cutLengths(gearTable(crypto, bytes(vector, 'gear')), content)).toEqual(vector['lengths']);
  },
  'open-chunk'(crypto, vector) {
    const ref = sealedRef(vector);
    judge(vector, () => {
      const plaintext = openChunk(crypto, ref, bytes(vector, 'convergence'), bytes(vector, 'ciphertext'));
      expect(toHex(plaintext)).toBe(vector['plaintext']);
      const sealed = sealChunk(crypto, bytes(vector, 'convergence'), plaintext);
      expect(sealed).toEqual({ ...ref, ciphertext: bytes(vector, 'ciphertext') });
    });
  },
  'content-id'(crypto, vector) {
    const ref = decode(contentRefCodec, bytes(vector, 'encoded'), 65_536);
    expect({ id: ref.id, kind: ref.kind }).toEqual({ id: vector['id'], kind: vector['kind'] });
    judge(vector, () => checkContentId(crypto, bytes(vector, 'convergence'), ref));
  },
  'decode-ref'(_crypto, vector) {
    judge(vector, () => {
      const ref = decode(contentRefCodec, bytes(vector, 'encoded'), 65_536);
      expect(ref.size).toBe(vector['size']);
    });
  },
  'open-node'(crypto, vector) {
    const ref = { ...sealedRef(vector), size: Number(vector['size']), chunkCount: Number(vector['chunkCount']) };
    const key = listKey(crypto, bytes(vector, 'convergence'));
    const [height, last] = [Number(vector['height']), vector['last'] === true];
    judge(vector, () => {
      const content = openNode(crypto, key, ref, height, last, bytes(vector, 'ciphertext'));
      expect('chunks' in content).toBe(height === 1);
    });
  },
  list(crypto, vector) {
    const chunks = chunksByRule(crypto, vector['chunks'] as { count: number; lowBits: string });
    const { ref, nodes } = buildList(crypto, bytes(vector, 'convergence'), chunks);
    expect(toHex(encode(contentRefCodec, ref))).toBe(vector['encoded']);
    expect(nodes.map((node) => node.id)).toEqual(vector['nodes']);
  },
  bitmap(_crypto, vector) {
    const chunkCount = Number(vector['chunkCount']);
    judge(vector, () => {
      const bitmap = decode(bitmapCodec(chunkCount), bytes(vector, 'encoded'), 65_536);
      const all = Array.from({ length: chunkCount }, (_, place) => place);
      expect(all.filter((place) => bitmap.has(place))).toEqual(vector['present']);
      const same = ChunkBitmap.fromBytes(chunkCount, bitmap.toBytes());
      expect(toHex(encode(bitmapCodec(chunkCount), same))).toBe(vector['encoded']);
    });
  },
};

const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('content vectors with %s', (_name, crypto) => {
  test.each(names)('%s', (name) => {
    const vector = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector;
    const operation = operations[vector.operation];
    if (operation === undefined) throw new Error(`operation ${vector.operation}`);
    operation(crypto, vector);
  });
});

test('more refusals than acceptances', () => {
  const expected = names.map((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector).expect);
  expect(expected.filter((code) => code !== 'ok').length).toBeGreaterThan(expected.length / 2);
});
