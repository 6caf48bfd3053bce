// npm run vectors [-- --check]
// Rewrites test-vectors/FAMILY/*.json from test-vectors/generate/FAMILY.ts, and removes what no generator makes any
// more. With --check nothing is written: every difference is named and the exit code is 1 if there is one.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

const vectors = path.join(root, 'test-vectors');
const check = process.argv.includes('--check');

/** Every `{ family, cases }` whose generator exports `cases`; modules without it are helpers. */
async function generators() {
  const names = fs.readdirSync(path.join(vectors, 'generate')).filter((name) => name.endsWith('.ts'));
  const families = [];
  for (const name of names.sort()) {
    const family = name.slice(0, -'.ts'.length);
    const built = path.join(vectors, 'dist', `${family}.js`);
    if (!fs.existsSync(built)) throw new Error(`${family} is not built; "npm run vectors" builds first`);
    const module = await import(pathToFileURL(built).href);
    if (typeof module.cases === 'function') families.push({ family, cases: module.cases() });
  }
  return families;
}

function wanted(families) {
  const files = new Map();
  for (const { family, cases } of families) {
    for (const { name, vector } of cases) {
      const file = `${family}/${name}.json`;
      if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new Error(`${file}: a case name is kebab-case`);
      if (files.has(file)) throw new Error(`${file}: two cases have this name`);
      files.set(file, `${JSON.stringify(vector, null, 2)}\n`);
    }
  }
  return files;
}

function present() {
  const folders = fs.readdirSync(vectors, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const families = folders
    .map((entry) => entry.name)
    .filter((name) => !['generate', 'dist', 'node_modules'].includes(name));
  const files = families.flatMap((family) =>
    fs.readdirSync(path.join(vectors, family)).map((name) => `${family}/${name}`),
  );
  return files.filter((file) => file.endsWith('.json'));
}

function differences(files) {
  const stale = present().filter((file) => !files.has(file));
  const changed = [...files].filter(([file, text]) => readIfThere(path.join(vectors, file)) !== text);
  return { stale, changed };
}

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

function write({ stale, changed }) {
  for (const file of stale) fs.rmSync(path.join(vectors, file));
  for (const [file, text] of changed) {
    fs.mkdirSync(path.dirname(path.join(vectors, file)), { recursive: true });
    fs.writeFileSync(path.join(vectors, file), text);
  }
}

const files = wanted(await generators());
const { stale, changed } = differences(files);
if (!check) write({ stale, changed });
for (const file of stale) console.log(check ? `${file}: no generator makes this` : `removed ${file}`);
for (const [file] of changed) console.log(check ? `${file}: differs from what its generator makes` : `wrote ${file}`);
console.log(`${files.size} vectors, ${stale.length + changed.length} ${check ? 'differ' : 'changed'}`);
if (check && stale.length + changed.length > 0) process.exitCode = 1;
