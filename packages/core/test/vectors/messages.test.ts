import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import { decode } from '../../src/codec/index.js';
import { type Crypto, verifyDomain } from '../../src/crypto/index.js';
import { check } from '../../src/errors.js';
import {
  admittedContext,
  type BulkMessage,
  type DeviceId,
  decodeBulk,
  decodeMessage,
  deviceIdBytes,
  type EntryHash,
  encodeBulk,
  encodeMessage,
  type FolderId,
  folderMac,
  type Head,
  headsDigest,
  joinContext,
  type Message,
  memberKeysCodec,
  proveContext,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { type FamilyVector, outcomeOf, readFamily } from './families.js';

type Vector = FamilyVector & { readonly folder: FolderId; readonly device: DeviceId; readonly admit: EntryHash };

function bytesOf(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? fromHex(text) : undefined;
  if (bytes === undefined) throw new Error('a field of the vector is not hex');
  return bytes;
}

/** A message as the vectors write it: byte strings in hex. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, each: unknown) => (each instanceof Uint8Array ? toHex(each) : each)) ?? 'null',
  );
}

function checkCoding<T extends Message | BulkMessage>(
  vector: Vector,
  read: (bytes: Uint8Array) => T | undefined,
  write: (message: T) => Uint8Array,
): void {
  const bytes = bytesOf(vector.bytes);
  const { kind, value } = outcomeOf(() => read(bytes));
  expect(kind).toBe(vector.expect);
  if (kind !== 'ok') return;
  expect(shown(value)).toEqual(vector.ignored === true ? null : vector.message);
  if (vector.written === true && value !== undefined) expect(toHex(write(value))).toBe(vector.bytes);
}

function checkSigned(crypto: Crypto, vector: Vector, purpose: string, key: DeviceId, context: Uint8Array): void {
  const signature = bytesOf(vector.signature ?? vector.proof);
  const { kind } = outcomeOf(() => {
    const valid = verifyDomain(crypto, deviceIdBytes(key), signature, purpose, context);
    check(valid, 'bad-signature', 'The signature does not verify.');
  });
  expect(kind).toBe(vector.expect);
}

function sideOf(vector: Vector): { readonly handshakeHash: Uint8Array; readonly initiator: boolean } {
  return { handshakeHash: bytesOf(vector.handshakeHash), initiator: vector.initiator === true };
}

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  message: (_crypto, vector) => checkCoding(vector, decodeMessage, encodeMessage),
  bulk: (_crypto, vector) => checkCoding(vector, decodeBulk, encodeBulk),
  'folder-mac'(crypto, vector) {
    expect(toHex(folderMac(crypto, sideOf(vector), vector.folder))).toBe(vector.mac);
  },
  prove(crypto, vector) {
    const { folder, device } = vector;
    checkSigned(crypto, vector, 'prove', device, proveContext(sideOf(vector), folder, device));
  },
  join(crypto, vector) {
    const keys = decode(memberKeysCodec, bytesOf(vector.keys), 1_000);
    checkSigned(crypto, vector, 'join', keys.device, joinContext(bytesOf(vector.handshakeHash), keys));
  },
  admitted(crypto, vector) {
    const { folder, device, admit } = vector;
    const context = admittedContext(bytesOf(vector.handshakeHash), folder, device, admit);
    checkSigned(crypto, vector, 'admitted', device, context);
  },
  digest(crypto, vector) {
    expect(toHex(headsDigest(crypto, vector.heads as readonly Head[]))).toBe(vector.digest);
  },
};

describe.each(providers)('messages with $name', (crypto) => {
  test.each(readFamily('messages'))('$name', (vector) => {
    const operation = operations[vector.operation];
    expect(operation).toBeDefined();
    operation?.(crypto, vector as Vector);
  });
});
