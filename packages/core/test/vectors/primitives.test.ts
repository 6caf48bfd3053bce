import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import {
  type Crypto,
  checkEd25519Key,
  checkX25519Key,
  deriveKey,
  domainHash,
  domainMac,
  hpkeOpen,
  hpkeSeal,
  padmeLength,
  signDomain,
  verifyDomain,
} from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { providers } from '../providers.js';

const folder = new URL('../../../../test-vectors/primitives/', import.meta.url);

type Vector = Readonly<Record<string, unknown>> & { readonly operation: string; readonly expect: string };
type Operation = (crypto: Crypto, vector: Vector) => void;

function bytes(vector: Vector, field: string): Uint8Array {
  const value = fromHex(String(vector[field]));
  if (value === undefined) throw new Error(`${field} is not hex`);
  return value;
}

function partsOf(vector: Vector): readonly Uint8Array[] {
  return (vector.parts as readonly string[]).map((part) => fromHex(part) as Uint8Array);
}

/** What a provider says of a signature, as the spec's kind of refusal. */
function verdict(crypto: Crypto, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string {
  const accepted = crypto.ed25519Verify(publicKey, message, signature);
  if (accepted) return 'ok';
  return outcome(() => checkEd25519Key(publicKey)) === 'ok' ? 'bad-signature' : 'bad-key';
}

function outcome(attempt: () => void): string {
  try {
    attempt();
    return 'ok';
  } catch (error) {
    return errorCode(error);
  }
}

const operations: Readonly<Record<string, Operation>> = {
  'ed25519-sign'(crypto, vector) {
    const [seed, message] = [bytes(vector, 'seed'), bytes(vector, 'message')];
    expect(toHex(crypto.ed25519Public(seed))).toBe(vector.publicKey);
    expect(toHex(crypto.ed25519Sign(seed, message))).toBe(vector.signature);
    expect(verdict(crypto, bytes(vector, 'publicKey'), message, bytes(vector, 'signature'))).toBe(vector.expect);
  },
  'ed25519-verify'(crypto, vector) {
    const [publicKey, message] = [bytes(vector, 'publicKey'), bytes(vector, 'message')];
    expect(verdict(crypto, publicKey, message, bytes(vector, 'signature'))).toBe(vector.expect);
  },
  x25519(crypto, vector) {
    let shared: Uint8Array | undefined;
    const attempt = (): void => {
      shared = crypto.x25519(bytes(vector, 'secret'), bytes(vector, 'publicKey'));
    };
    expect(outcome(attempt)).toBe(vector.expect);
    expect(shared && toHex(shared)).toBe(vector.shared);
  },
  'x25519-key'(crypto, vector) {
    expect(outcome(() => checkX25519Key(crypto, bytes(vector, 'publicKey')))).toBe(vector.expect);
  },
  aead(crypto, vector) {
    const [key, nonce, ad] = [bytes(vector, 'key'), bytes(vector, 'nonce'), bytes(vector, 'ad')];
    const sealed = toHex(crypto.aeadSeal(key, nonce, ad, bytes(vector, 'plaintext')));
    expect(sealed === vector.sealed).toBe(vector.expect === 'ok');
    const opened = crypto.aeadOpen(key, nonce, ad, bytes(vector, 'sealed'));
    expect(opened && toHex(opened)).toBe(vector.expect === 'ok' ? vector.plaintext : undefined);
  },
  chacha20(crypto, vector) {
    const output = crypto.chacha20(bytes(vector, 'key'), bytes(vector, 'nonce'), bytes(vector, 'input'));
    expect(toHex(output)).toBe(vector.output);
  },
  hkdf(crypto, vector) {
    const length = bytes(vector, 'output').length;
    const output = crypto.hkdf(bytes(vector, 'secret'), bytes(vector, 'salt'), bytes(vector, 'info'), length);
    expect(toHex(output)).toBe(vector.output);
  },
  'hmac-sha256'(crypto, vector) {
    expect(toHex(crypto.hmacSha256(bytes(vector, 'key'), bytes(vector, 'input')))).toBe(vector.output);
  },
  sha256(crypto, vector) {
    expect(toHex(crypto.sha256(bytes(vector, 'input')))).toBe(vector.output);
  },
  blake3(crypto, vector) {
    const [key, input] = [bytes(vector, 'key'), Uint8Array.from({ length: Number(vector.length) }, (_, i) => i % 251)];
    expect(toHex(crypto.blake3(input))).toBe(vector.hash);
    expect(toHex(crypto.blake3Keyed(key, input))).toBe(vector.keyed);
    expect(toHex(crypto.blake3Hasher().update(input).digest())).toBe(vector.hash);
    expect(toHex(crypto.blake3Hasher(key).update(input).digest())).toBe(vector.keyed);
  },
  hpke(crypto, vector) {
    const [info, aad, secret] = [bytes(vector, 'info'), bytes(vector, 'aad'), bytes(vector, 'recipientSecret')];
    let opened: Uint8Array | undefined;
    const attempt = (): void => {
      opened = hpkeOpen(crypto, secret, info, aad, bytes(vector, 'sealed'));
    };
    expect(outcome(attempt)).toBe(vector.expect);
    if (vector.expect !== 'ok') return;
    expect(opened && toHex(opened)).toBe(vector.plaintext);
    const recipient = bytes(vector, 'recipientPublic');
    const sealed = hpkeSeal(crypto, recipient, info, aad, bytes(vector, 'plaintext'), bytes(vector, 'ephemeralIkm'));
    expect(toHex(sealed)).toBe(vector.sealed);
  },
  'domain-hash'(crypto, vector) {
    expect(toHex(domainHash(crypto, String(vector.purpose), ...partsOf(vector)))).toBe(vector.output);
  },
  'domain-derive'(crypto, vector) {
    const key = deriveKey(crypto, bytes(vector, 'secret'), String(vector.purpose), bytes(vector, 'context'));
    expect(toHex(key)).toBe(vector.output);
  },
  'domain-mac'(crypto, vector) {
    const mac = domainMac(crypto, bytes(vector, 'key'), String(vector.purpose), ...partsOf(vector));
    expect(toHex(mac)).toBe(vector.output);
  },
  'domain-verify'(crypto, vector) {
    const [purpose, signature] = [String(vector.purpose), bytes(vector, 'signature')];
    const accepted = verifyDomain(crypto, bytes(vector, 'publicKey'), signature, purpose, ...partsOf(vector));
    expect(accepted ? 'ok' : 'bad-signature').toBe(vector.expect);
    const signed = signDomain(crypto, bytes(vector, 'seed'), purpose, ...partsOf(vector));
    expect(toHex(signed) === vector.signature).toBe(vector.expect === 'ok');
  },
  padme(_crypto, vector) {
    const lengths = vector.lengths as readonly (readonly [number, number])[];
    for (const [length, padded] of lengths) expect([length, padmeLength(length)]).toEqual([length, padded]);
  },
};

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are vectors, most of them refusals', () => {
  const expected = files.map((name) => (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector).expect);
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.filter((kind) => kind !== 'ok').length * 2).toBeGreaterThan(expected.length);
});

describe.each(providers)('$name', (crypto) => {
  test.each(files)('%s', (name) => {
    const vector = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector;
    const operation = operations[vector.operation];
    if (operation === undefined) throw new Error(`no operation ${vector.operation}`);
    operation(crypto, vector);
  });
});
