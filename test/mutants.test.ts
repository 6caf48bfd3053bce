import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Mutant } from './mutants/mutant.js';
import { root } from './tidy/source.js';

const lists = path.join(root, 'test/mutants');
const suites = path.join(root, 'packages/core/src/testing');

const modules = await Promise.all(
  fs
    .readdirSync(lists)
    .map((name) => import(path.join(lists, name)) as Promise<{ readonly mutants?: readonly Mutant[] }>),
);
const mutants = modules.flatMap((module) => module.mutants ?? []);

function read(file: string): string {
  return fs.readFileSync(path.join(root, file), 'utf8');
}

/** Titles of a test file, as text; the acceptance suites have theirs beside the ports. */
function titlesIn(test: string): string {
  const text = read(test);
  if (!/filesSuite|files-suite/.test(text)) return text;
  const cases = fs.readdirSync(suites).filter((name) => name.endsWith('-cases.ts'));
  return [text, ...cases.map((name) => fs.readFileSync(path.join(suites, name), 'utf8'))].join('\n');
}

function run(...ids: readonly string[]): { readonly code: number | null; readonly output: string } {
  const script = path.join(root, 'scripts/mutants.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...ids], { cwd: root, encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}

describe('the list of mutants', () => {
  it('is long, and each has a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(60);
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });

  it('fits the program: each fragment is there, once, and is changed', () => {
    const odd = mutants.filter(({ file, find, replace }) => read(file).split(find).length !== 2 || find === replace);
    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it('fits the tests: each title is there', () => {
    const texts = new Map([...new Set(mutants.map(({ test }) => test))].map((test) => [test, titlesIn(test)]));
    const odd = mutants.filter(({ test, title }) => title === '' || texts.get(test)?.includes(title) !== true);
    expect(odd.map(({ id }) => id)).toEqual([]);
  });
});

describe('mutants', () => {
  it('are killed by the tests that they name', () => {
    // One of each kind that costs little; `npm run mutants` runs all.
    const few = ['edit-beats-delete', 'delete-hides-nothing', 'unknown-below', 'kept-for-partner', 'archive-flushed'];
    const { code, output } = run(...few);
    expect(output).toContain(`${few.length} killed, 0 survived, 0 stale`);
    expect(code).toBe(0);
  });

  it('that are not known are stale', () => {
    const { code, output } = run('no-such-mutant');
    expect(output).toContain('0 killed, 0 survived, 1 stale');
    expect(code).toBe(1);
  });
});
