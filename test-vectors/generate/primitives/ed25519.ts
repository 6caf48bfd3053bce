import { type Case, flipped, hex, textHex, unhex } from './case.js';
import {
  add,
  base,
  challenge,
  encodePoint,
  identity,
  littleEndian32,
  multiply,
  order,
  type Point,
  prime,
  torsion,
} from './edwards.js';
import { ed25519Signatures } from './published.js';

const secretScalar = 0x1d3a5c7e9f8b6d4c2a1f0e3d5c7b9a8f6e4d2c1b0a9f8e7d6c5b4a39281706fn;
const nonceScalar = 0x0a9c8e7f6d5b4c3a2918f7e6d5c4b3a291807f6e5d4c3b2a19081726354453627n;
const honestPoint = multiply(base, secretScalar);
const messageText = 'Any peer must give the same verdict on this.';
const message = unhex(textHex(messageText));
const highBit = 1n << 255n;

export function ed25519Cases(): readonly Case[] {
  return [...published(), ...smallOrderKeys(), ...nonCanonicalKeys(), ...otherKeys(), ...signatures(), ...tampered()];
}

function published(): readonly Case[] {
  return ed25519Signatures.map(({ name, ...fields }) => ({
    name: `ed25519-rfc8032-${name}`,
    vector: {
      comment: 'RFC 8032 §7.1: the signature is deterministic, and verifies.',
      requirements: ['PRM-1', 'PRM-2', 'PRM-6'],
      expect: 'ok',
      operation: 'ed25519-sign',
      ...fields,
    },
  }));
}

function keyCase(
  name: string,
  comment: string,
  requirement: string,
  publicKey: Uint8Array,
  signature: Uint8Array,
): Case {
  return {
    name: `ed25519-key-${name}`,
    vector: {
      comment,
      requirements: [requirement],
      expect: 'bad-key',
      operation: 'ed25519-verify',
      publicKey: hex(publicKey),
      message: hex(message),
      signature: hex(signature),
    },
  };
}

/** The signature that fits every message under a key of small order, as far as the equation goes. */
const emptySignature = new Uint8Array(64).with(0, 1);

function smallOrderKeys(): readonly Case[] {
  return Array.from({ length: 8 }, (_, multiple) =>
    keyCase(
      `small-order-${multiple}`,
      `The point ${multiple}·T of small order, with the signature R = identity, S = 0.`,
      'PRM-4',
      encodePoint(multiply(torsion, BigInt(multiple))),
      emptySignature,
    ),
  );
}

function nonCanonicalKeys(): readonly Case[] {
  const comment = 'An encoding that decoders which reduce y, or ignore a sign they cannot use, take for another point.';
  const encodings: readonly (readonly [string, bigint])[] = [
    ['y-is-p', prime],
    ['y-is-p-signed', prime | highBit],
    ['y-is-p-plus-1', prime + 1n],
    ['y-is-p-plus-1-signed', (prime + 1n) | highBit],
    ['y-is-p-plus-3', prime + 3n],
    ['y-is-p-plus-18', prime + 18n],
    ['y-is-p-plus-18-signed', (prime + 18n) | highBit],
    ['x-is-0-signed-y-is-1', 1n | highBit],
    ['x-is-0-signed-y-is-minus-1', (prime - 1n) | highBit],
  ];
  return encodings.map(([name, value]) => keyCase(name, comment, 'PRM-3', littleEndian32(value), emptySignature));
}

function otherKeys(): readonly Case[] {
  const key = encodePoint(honestPoint);
  const mixed = add(honestPoint, torsion);
  const notOnCurve = littleEndian32(2n);
  return [
    keyCase('not-on-curve', 'There is no x for y = 2.', 'PRM-3', notOnCurve, emptySignature),
    keyCase('short', 'A key of 31 bytes.', 'PRM-3', key.slice(0, 31), sign(honestPoint, message)),
    keyCase('long', 'A key of 33 bytes.', 'PRM-3', Uint8Array.of(...key, 0), sign(honestPoint, message)),
    mixedOrderKey(mixed),
    mixedOrderKeyThatFits(mixed),
  ];
}

function mixedOrderKey(mixed: Point): Case {
  const comment = 'A key of order 8·L, signed with its scalar: cofactored verification accepts this.';
  return keyCase('mixed-order', comment, 'PRM-4', encodePoint(mixed), sign(mixed, message));
}

/** Looks for a message whose challenge is a multiple of 8, which hides the part of small order. */
function mixedOrderKeyThatFits(mixed: Point): Case {
  const encodedR = encodePoint(multiply(base, nonceScalar));
  for (let attempt = 0; ; attempt++) {
    const fitting = unhex(textHex(`${messageText} ${attempt}`));
    if (challenge(encodedR, encodePoint(mixed), fitting) % 8n !== 0n) continue;
    const comment =
      'A key of order 8·L and a signature whose k is a multiple of 8: every equation holds, the key decides.';
    const found = keyCase('mixed-order-and-fitting', comment, 'PRM-4', encodePoint(mixed), sign(mixed, fitting));
    return { ...found, vector: { ...found.vector, message: hex(fitting) } };
  }
}

/** A signature with the fixed nonce, its R moved by `extra` and its S by `extraS`. */
function sign(publicPoint: Point, text: Uint8Array, extra: Point = identity, extraS = 0n): Uint8Array {
  return signWith(encodePoint(add(multiply(base, nonceScalar), extra)), nonceScalar, publicPoint, text, extraS);
}

function signWith(encodedR: Uint8Array, nonce: bigint, publicPoint: Point, text: Uint8Array, extraS = 0n): Uint8Array {
  const k = challenge(encodedR, encodePoint(publicPoint), text);
  const s = (nonce + k * secretScalar) % order;
  return Uint8Array.of(...encodedR, ...littleEndian32(s + extraS));
}

function signatureCase(
  name: string,
  comment: string,
  requirement: string,
  signature: Uint8Array,
  expect: 'ok' | 'bad-signature' = 'bad-signature',
): Case {
  return {
    name: `ed25519-signature-${name}`,
    vector: {
      comment,
      requirements: [requirement],
      expect,
      operation: 'ed25519-verify',
      publicKey: hex(encodePoint(honestPoint)),
      message: hex(message),
      signature: hex(signature),
    },
  };
}

function signatures(): readonly Case[] {
  const minusOne = multiply(torsion, 4n);
  const encodedIdentity = encodePoint(identity);
  const unreducedIdentity = littleEndian32(prime + 1n);
  const signedIdentity = littleEndian32(1n | highBit);
  const honest = sign(honestPoint, message);
  return [
    signatureCase('honest', 'The signature that the next ones are changed from.', 'PRM-6', honest, 'ok'),
    signatureCase(
      'r-is-identity',
      'The equation holds, with the identity as R: libraries disagree on this one.',
      'PRM-6',
      signWith(encodedIdentity, 0n, honestPoint, message),
    ),
    signatureCase(
      'r-mixed-order',
      'R with a part of order 8: cofactored verification accepts this.',
      'PRM-6',
      sign(honestPoint, message, torsion),
    ),
    signatureCase(
      'r-mixed-order-2',
      'R with a part of order 2: cofactored verification accepts this.',
      'PRM-6',
      sign(honestPoint, message, minusOne),
    ),
    signatureCase(
      'r-not-reduced',
      'The identity as R, with its y written as p + 1.',
      'PRM-6',
      signWith(unreducedIdentity, 0n, honestPoint, message),
    ),
    signatureCase(
      'r-wrong-sign-of-zero',
      'The identity as R, with the sign of x set.',
      'PRM-6',
      signWith(signedIdentity, 0n, honestPoint, message),
    ),
    signatureCase(
      's-plus-order',
      'S + L: the same number modulo L.',
      'PRM-5',
      sign(honestPoint, message, identity, order),
    ),
    signatureCase(
      's-plus-7-orders',
      'S + 7·L, which still leaves the top bits clear.',
      'PRM-5',
      sign(honestPoint, message, identity, 7n * order),
    ),
    signatureCase(
      's-is-order',
      'S = L, where S = 0 would be below it.',
      'PRM-5',
      Uint8Array.of(...honest.subarray(0, 32), ...littleEndian32(order)),
    ),
  ];
}

function tampered(): readonly Case[] {
  const honest = sign(honestPoint, message);
  const otherKey = hex(encodePoint(multiply(base, secretScalar + 1n)));
  const withMessage = signatureCase('other-message', 'Made for another message.', 'PRM-6', honest);
  const withKey = signatureCase('other-key', 'Made by another key.', 'PRM-6', honest);
  return [
    signatureCase('empty', 'No bytes at all.', 'PRM-5', new Uint8Array(0)),
    signatureCase('short', '63 bytes.', 'PRM-5', honest.slice(0, 63)),
    signatureCase('long', '65 bytes.', 'PRM-5', Uint8Array.of(...honest, 0)),
    signatureCase('zeros', '64 bytes of zero.', 'PRM-6', new Uint8Array(64)),
    signatureCase('r-changed', 'One bit of R turned over.', 'PRM-6', flipped(honest, 0)),
    signatureCase('s-changed', 'One bit of S turned over.', 'PRM-6', flipped(honest, 32)),
    { ...withMessage, vector: { ...withMessage.vector, message: textHex('Another message.') } },
    { ...withKey, vector: { ...withKey.vector, publicKey: otherKey } },
  ];
}
