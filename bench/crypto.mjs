// node bench/crypto.mjs
// What the two crypto providers do in a second, one thread: MB/s of the bulk primitives, and operations of the others.
// Median of five runs each. Needs a build.
import { randomBytes } from 'node:crypto';
import { hpkeKeyPair, hpkeOpen, hpkeSeal, nobleCrypto } from '../packages/core/dist/crypto/index.js';
import { nodeCrypto } from '../packages/core/dist/node/crypto.js';

const runs = 5;
const runMs = 60;
const sizes = [64, 4_096, 65_536, 1_048_576];
const providers = [nobleCrypto(), nobleCrypto({ wasm: false }), nodeCrypto()];
const key = new Uint8Array(randomBytes(32));
const nonce = new Uint8Array(12);
const nothing = new Uint8Array(0);

/** Calls a second of `work`, the median of the runs. */
function perSecond(work) {
  work();
  const rates = Array.from({ length: runs }, () => {
    const start = performance.now();
    let calls = 0;
    do {
      work();
      calls++;
    } while (performance.now() - start < runMs);
    return (calls / (performance.now() - start)) * 1_000;
  });
  return rates.sort((a, b) => a - b)[Math.floor(runs / 2)];
}

function bulk(crypto, bytes) {
  const sealed = crypto.aeadSeal(key, nonce, nothing, bytes);
  return {
    BLAKE3: () => crypto.blake3(bytes),
    'BLAKE3 keyed': () => crypto.blake3Keyed(key, bytes),
    'SHA-256': () => crypto.sha256(bytes),
    ChaCha20: () => crypto.chacha20(key, nonce, bytes),
    'AEAD seal': () => crypto.aeadSeal(key, nonce, nothing, bytes),
    'AEAD open': () => crypto.aeadOpen(key, nonce, nothing, sealed),
  };
}

function others(crypto) {
  const message = new Uint8Array(randomBytes(200));
  const publicKey = crypto.ed25519Public(key);
  const signature = crypto.ed25519Sign(key, message);
  const recipient = hpkeKeyPair(crypto, key);
  const box = hpkeSeal(crypto, recipient.publicKey, nothing, nothing, key, key);
  let fresh = 0;
  return {
    'Ed25519 sign': () => crypto.ed25519Sign(key, message),
    'Ed25519 verify': () => crypto.ed25519Verify(publicKey, message, signature),
    'Ed25519 public key of a new seed': () => crypto.ed25519Public(seedOf(fresh++)),
    X25519: () => crypto.x25519(key, recipient.publicKey),
    'HKDF, 32 bytes': () => crypto.hkdf(key, nothing, message, 32),
    'HPKE seal': () => hpkeSeal(crypto, recipient.publicKey, nothing, nothing, key, key),
    'HPKE open': () => hpkeOpen(crypto, recipient.secret, nothing, nothing, box),
  };
}

function seedOf(number) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, number);
  return seed;
}

function row(label, values) {
  console.log(label.padEnd(34) + values.map((value) => Math.round(value).toLocaleString('en').padStart(12)).join(''));
}

for (const crypto of providers) {
  console.log(`\n${crypto.name}`);
  console.log('MB/s at bytes'.padEnd(34) + sizes.map((size) => size.toLocaleString('en').padStart(12)).join(''));
  const works = sizes.map((size) => ({ size, work: bulk(crypto, new Uint8Array(randomBytes(size))) }));
  for (const name of Object.keys(works[0].work)) {
    row(
      name,
      works.map(({ size, work }) => (perSecond(work[name]) * size) / 1e6),
    );
  }
  for (const [name, work] of Object.entries(others(crypto))) row(`${name} (operations/s)`, [perSecond(work)]);
}
