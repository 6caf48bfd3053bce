import { describe, expect, it } from 'vitest';
import { checkLayers } from './tidy/layers.js';
import { checkPurity } from './tidy/purity.js';
import { checkLibraries, checkReach } from './tidy/reach.js';
import { checkExports, checkFunctions, checkModuleState, checkSizes } from './tidy/shape.js';
import { type Finding, repositorySources, type Source } from './tidy/source.js';
import { checkWords } from './tidy/words.js';

type Check = (sources: readonly Source[]) => readonly Finding[];

interface Planted {
  readonly check: Check;
  readonly promise: string;
  readonly bad: readonly Source[];
  readonly good: readonly Source[];
}

function core(path: string, text: string): Source {
  return { path: `packages/core/src/${path}`, text };
}

function lines(count: number, text = 'x();'): string {
  return `${Array.from({ length: count }, () => text).join('\n')}\n`;
}

// Split, so that this file does not contain what it plants.
const leftover = `// TO${''}DO: later`;
const alone = `it.on${''}ly('x', () => {});`;
const forced = `x as an${''}y;`;
const silenced = `// @ts-ig${''}nore`;
const ownPath = `const dir = '/ro${''}ot/x';`;
const unfinished = `// good enough for no${''}w`;

const planted: readonly Planted[] = [
  {
    check: checkLayers,
    promise: 'a folder of core imports only from those before it',
    bad: [
      core('codec/a.ts', `import { x } from '../model/index.js';`),
      core('model/a.ts', `export type { X } from '../engine/index.js';`),
      core('codec/b.ts', `type X = import('../tree/index.js').X;`),
      core('codec/c.ts', `const x = await import('../node/index.js');`),
    ],
    good: [core('model/a.ts', `import { x } from '../codec/index.js'; import { y } from '../bytes.js';`)],
  },
  {
    check: checkLayers,
    promise: 'a folder of core is imported through its index, and by its .js name',
    bad: [
      core('model/a.ts', `import { x } from '../codec/writer.js';`),
      core('model/a.ts', `import { x } from './ids';`),
      core('model/a.ts', `import { x } from '../index.js';`),
    ],
    good: [core('model/a.ts', `import { x } from './ids.js';`)],
  },
  {
    check: checkLayers,
    promise: 'the simulator and the suites never touch a machine',
    bad: [
      core('sim/a.ts', `import { x } from '../node/index.js';`),
      core('testing/a.ts', `import { x } from '../node/index.js';`),
      core('index.ts', `export { x } from './node/index.js';`),
    ],
    good: [core('sim/a.ts', `import { x } from '../memory/index.js';`)],
  },
  {
    check: checkLayers,
    promise: 'packages import in one direction, and chat only what an app may',
    bad: [
      core('engine/a.ts', `import { x } from '@cloudless/net';`),
      { path: 'packages/net/src/a.ts', text: `import { x } from '@cloudless/cli';` },
      { path: 'packages/net/src/a.ts', text: `import { x } from '../../core/src/index.js';` },
      { path: 'packages/chat/src/a.ts', text: `import { x } from '@cloudless/core/engine';` },
    ],
    good: [
      { path: 'packages/net/src/a.ts', text: `import { x } from '@cloudless/core/ports';` },
      { path: 'packages/chat/src/a.ts', text: `import { x } from '@cloudless/core';` },
    ],
  },
  {
    check: checkPurity,
    promise: 'core has no clock, chance or machine outside node/',
    bad: [
      core('engine/a.ts', 'const now = Date.now();'),
      core('engine/a.ts', 'const now = new Date();'),
      core('engine/a.ts', 'const x = Math.random();'),
      core('engine/a.ts', 'setTimeout(f, 1);'),
      core('engine/a.ts', 'const home = process.env;'),
      core('engine/a.ts', 'const b: Buffer = x;'),
      core('engine/a.ts', 'const b = Buffer.from(x);'),
      core('engine/a.ts', 'console.log(x);'),
      core('engine/a.ts', `import fs from 'node:fs';`),
    ],
    good: [
      core('node/a.ts', `import fs from 'node:fs'; const now = Date.now();`),
      core('engine/a.ts', 'const text = new Date(ms).toISOString(); // Date.now() is not called'),
      core('engine/a.ts', 'function f(fetch: X) { fetch(); }'),
      core('engine/a.ts', `const x = { process: 1 }; const y = x.process; const z = 'Buffer';`),
    ],
  },
  {
    check: checkSizes,
    promise: 'files and lines stay readable',
    bad: [core('a.ts', lines(401)), core('a.ts', `// ${'x'.repeat(118)}\n`)],
    good: [core('a.ts', lines(400)), core('a.ts', `// ${'x'.repeat(117)}\n`)],
  },
  {
    check: checkFunctions,
    promise: 'functions stay readable',
    bad: [core('a.ts', `function f() {\n${lines(69)}}\n`), core('a.ts', `const f = () => {\n${lines(69)}};\n`)],
    good: [core('a.ts', `function f() {\n${lines(68)}}\n`)],
  },
  {
    check: checkExports,
    promise: 'exports have names',
    bad: [core('a.ts', 'export default 1;'), core('a.ts', 'export default function f() {}')],
    good: [core('a.ts', 'export function f() {}')],
  },
  {
    check: checkModuleState,
    promise: 'modules have no variables',
    bad: [core('a.ts', 'let x = 1;'), core('a.ts', 'export var x = 1;')],
    good: [core('a.ts', 'const x = 1; function f() { let y = 2; }')],
  },
  {
    check: checkWords,
    promise: 'nothing unfinished, silenced or tied to a machine is committed',
    bad: [leftover, alone, forced, silenced, ownPath, unfinished].map((text) => core('a.ts', text)),
    good: [core('a.ts', `it.skipIf(x)('y', f); const url = 'https://example.org/home/me';`)],
  },
  {
    check: checkLibraries,
    promise: 'a library is imported in one file',
    bad: [
      core('node/a.ts', `import { Database } from 'a-library';`),
      { path: 'packages/cli/src/b.ts', text: `import { Database } from 'a-library';` },
    ],
    good: [
      core('node/a.ts', `import { Database } from 'a-library'; import fs from 'node:fs';`),
      core('b.ts', `import fs from 'node:fs';`),
    ],
  },
  {
    check: checkReach,
    promise: 'every file is reached from one that is started',
    bad: [core('codec/lost.ts', `import './loop.js';`), core('codec/loop.ts', `import './lost.js';`)],
    good: [core('codec/index.ts', `export { x } from './found.js';`), core('codec/found.ts', '')],
  },
];

function report(findings: readonly Finding[]): readonly string[] {
  return findings.map((finding) => `${finding.path}:${finding.line} ${finding.message}`);
}

describe('the checks see what is planted', () => {
  // Libraries and reach look at files together, the others at each by itself.
  const together: readonly Check[] = [checkLibraries, checkReach];
  it.each(planted)('$check.name: $promise', ({ check, bad, good }) => {
    const groups = together.includes(check) ? [bad] : bad.map((source) => [source]);
    for (const group of groups) expect(report(check(group)), JSON.stringify(group)).not.toEqual([]);
    expect(report(check(good))).toEqual([]);
  });
});

describe('the repository', () => {
  const sources = repositorySources();
  const checks = [...new Set(planted.map(({ check }) => check))];

  it('is read', () => {
    const paths = sources.map((source) => source.path);
    expect(paths).toContain('packages/core/src/limits.ts');
    expect(paths).toContain('scripts/run.mjs');
    expect(paths.filter((file) => file.includes('node_modules') || file.includes('/dist/'))).toEqual([]);
  });

  it.each(checks.map((check) => ({ check })))('passes $check.name', ({ check }) => {
    expect(report(check(sources))).toEqual([]);
  });
});
