import { type Case, hex } from './case.js';
import { encodePoint, littleEndian32, multiply, prime, torsion } from './edwards.js';
import { x25519Agreements } from './published.js';

const secret = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
const highBit = 1n << 255n;

export function x25519Cases(): readonly Case[] {
  return [...published(), ...allZero(), ...acceptedKeys(), ...refusedKeys()];
}

function published(): readonly Case[] {
  return x25519Agreements.map(({ name, ...fields }) => ({
    name: `x25519-rfc7748-${name}`,
    vector: {
      comment: 'RFC 7748 §5.2 and §6.1.',
      requirements: ['PRM-7'],
      expect: 'ok',
      operation: 'x25519',
      ...fields,
    },
  }));
}

/** The u of the points of order 8, by u = (1 + y) / (1 - y) of the Edwards ones. */
function smallOrderU(multiple: bigint): bigint {
  const encoded = encodePoint(multiply(torsion, multiple));
  let y = 0n;
  for (const byte of encoded.toReversed()) y = (y << 8n) | BigInt(byte);
  y %= highBit;
  return ((1n + y) * inverse(prime + 1n - y)) % prime;
}

function inverse(value: bigint): bigint {
  let result = 1n;
  let square = value % prime;
  for (let rest = prime - 2n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function smallOrderEncodings(): readonly (readonly [string, bigint])[] {
  return [
    ['0', 0n],
    ['1', 1n],
    ['order-8', smallOrderU(1n)],
    ['order-8-other', smallOrderU(3n)],
    ['p-minus-1', prime - 1n],
    ['p', prime],
    ['p-plus-1', prime + 1n],
    ['0-top-bit', highBit],
    ['1-top-bit', 1n | highBit],
    ['p-top-bit', prime | highBit],
  ];
}

function allZero(): readonly Case[] {
  return smallOrderEncodings().map(([name, u]) => ({
    name: `x25519-all-zero-u-is-${name}`,
    vector: {
      comment: 'A point of small order: the agreement would give zeros whatever the secret.',
      requirements: ['PRM-8'],
      expect: 'bad-key',
      operation: 'x25519',
      secret,
      publicKey: hex(littleEndian32(u)),
    },
  }));
}

function keyCase(name: string, comment: string, expect: string, publicKey: Uint8Array): Case {
  return {
    name: `x25519-key-${name}`,
    vector: { comment, requirements: ['PRM-9'], expect, operation: 'x25519-key', publicKey: hex(publicKey) },
  };
}

function acceptedKeys(): readonly Case[] {
  const twist = 'A point of the twist, which X25519 takes as well as one of the curve.';
  return [
    keyCase('base', 'The base point.', 'ok', littleEndian32(9n)),
    keyCase('twist', twist, 'ok', littleEndian32(2n)),
    keyCase('largest', 'The largest canonical encoding that is not of small order.', 'ok', littleEndian32(prime - 2n)),
  ];
}

function refusedKeys(): readonly Case[] {
  return [
    ...smallOrderEncodings().map(([name, u]) =>
      keyCase(`small-order-u-is-${name}`, 'A key of small order.', 'bad-key', littleEndian32(u)),
    ),
    keyCase('base-not-reduced', 'The base point as p + 9.', 'bad-key', littleEndian32(prime + 9n)),
    keyCase('base-top-bit', 'The base point with the top bit set.', 'bad-key', littleEndian32(9n | highBit)),
    keyCase('short', 'A key of 31 bytes.', 'bad-key', littleEndian32(9n).slice(0, 31)),
    keyCase('long', 'A key of 33 bytes.', 'bad-key', Uint8Array.of(...littleEndian32(9n), 0)),
  ];
}
