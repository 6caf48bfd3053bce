// node bench/chunker.mjs [MiB]
// How fast content is cut, and cut, sealed and named, in MiB/s of one thread: median of five runs over random bytes.
// Needs a build.
import { randomBytes } from 'node:crypto';
import { buildContent, ContentBuilder, Cutter, gearTable } from '../packages/core/dist/content/index.js';
import { nodeCrypto } from '../packages/core/dist/node/crypto.js';

const mebibyte = 1_048_576;
const sizeMiB = Number(process.argv[2] ?? 256);
const crypto = nodeCrypto();
const keys = { gear: gearTable(crypto, new Uint8Array(32)), convergence: new Uint8Array(32) };
const random = randomBytes(64 * mebibyte);

function pieces(each) {
  for (let i = 0; i < sizeMiB; i++) {
    const start = (i * mebibyte) % random.length;
    each(random.subarray(start, start + mebibyte));
  }
}

function cut() {
  const cutter = new Cutter(keys.gear);
  let chunks = 0;
  pieces((bytes) => {
    chunks += cutter.push(bytes).length;
  });
  return chunks;
}

function build() {
  let chunks = 0;
  const builder = new ContentBuilder(crypto, keys, { chunk: () => chunks++, node: () => undefined });
  pieces((bytes) => builder.push(bytes));
  builder.finish();
  return chunks;
}

function shortFiles() {
  const file = randomBytes(4_096);
  for (let i = 0; i < 10_000; i++) buildContent(crypto, keys, file);
}

function median(work) {
  work();
  const seconds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return (performance.now() - start) / 1_000;
  });
  return seconds.sort((a, b) => a - b)[2];
}

console.log(`provider: ${crypto.name}`);
console.log(`cut: ${Math.round(sizeMiB / median(cut))} MiB/s, mean chunk ${Math.round((sizeMiB * 1024) / cut())} KiB`);
console.log(`cut, seal and name: ${Math.round(sizeMiB / median(build))} MiB/s`);
console.log(`files of 4 KiB: ${Math.round(10_000 / median(shortFiles))} a second`);
