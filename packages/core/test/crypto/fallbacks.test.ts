import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { nobleCrypto } from '../../src/crypto/index.js';

const source = new URL('../../src/', import.meta.url).href;

/** Lets a child process run the sources as they are: they name each other as they will be called once built. */
const hooks = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    const ours = name.startsWith('.') && context.parentURL?.startsWith(${JSON.stringify(source)});
    return next(ours ? name.replace(/\\.js$/, '.ts') : name, context);
  },
});`;

const program = `import { nodeCrypto } from ${JSON.stringify(`${source}node/crypto.ts`)};
if (process.argv.includes('without-wasm')) delete globalThis.WebAssembly;
const crypto = nodeCrypto();
const long = new Uint8Array(100_000).fill(5);
const keyed = crypto.blake3Keyed(long.subarray(0, 32), long);
const digests = [crypto.blake3(long), keyed, crypto.blake3Hasher().update(long).digest()];
const hex = digests.map((digest) => Buffer.from(digest).toString('hex'));
console.log(JSON.stringify({ name: crypto.name, digests: hex }));`;

function run(...words: readonly string[]): { readonly name: string; readonly digests: readonly string[] } {
  const hooksUrl = `data:text/javascript,${encodeURIComponent(hooks)}`;
  const flags = ['--no-addons', '--no-warnings', '--import', hooksUrl, '--input-type=module', '--eval', program];
  const args = [...flags, '--', ...words];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const portable = nobleCrypto({ wasm: false });
const long = new Uint8Array(100_000).fill(5);
const expected = [portable.blake3(long), portable.blake3Keyed(long.subarray(0, 32), long), portable.blake3(long)].map(
  toHex,
);

test('where add-ons are forbidden the native provider uses WebAssembly, and says so', () => {
  expect(run()).toEqual({ name: 'node, BLAKE3 WASM', digests: expected });
});

test('where WebAssembly is missing too it uses plain JavaScript, and says so', () => {
  expect(run('without-wasm')).toEqual({ name: 'node, BLAKE3 JS', digests: expected });
});

test('plain JavaScript can be asked for', () => {
  expect(portable.name).toBe('noble, BLAKE3 JS');
});
