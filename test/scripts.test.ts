import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './tidy/source.js';

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-scripts-'));

afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

function summary(report: string): { readonly code: number | null; readonly line: string } {
  const file = path.join(work, 'report.json');
  fs.writeFileSync(file, report);
  const script = path.join(root, 'scripts/ci-summary.mjs');
  const result = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  return { code: result.status, line: result.stdout };
}

function report(over: object): string {
  const base = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, success: true, testResults: [] };
  return JSON.stringify({ ...base, ...over });
}

describe('the last line of the gate', () => {
  it('counts', () => {
    expect(summary(report({ numPendingTests: 2 }))).toEqual({ code: 0, line: '3 passed, 0 failed, 2 skipped\n' });
  });

  const bad = [
    {
      why: 'a test failed',
      text: report({ numFailedTests: 1, success: false }),
      line: '3 passed, 1 failed, 0 skipped',
    },
    { why: 'nothing ran', text: report({ numPassedTests: 0 }), line: '0 passed, 0 failed, 0 skipped' },
    { why: 'there is no report', text: '', line: '0 passed, 1 failed, 0 skipped' },
    {
      why: 'a file broke before its tests',
      text: report({ success: false, testResults: [{ status: 'failed', assertionResults: [] }] }),
      line: '3 passed, 1 failed, 0 skipped',
    },
  ];
  it.each(bad)('fails when $why', ({ text, line }) => {
    expect(summary(text)).toEqual({ code: 1, line: `${line}\n` });
  });
});

/** A directory with the launcher and a program that says what it was given, as a built checkout has them. */
function checkout(program: string): string {
  const home = fs.mkdtempSync(path.join(work, 'checkout-'));
  const stamps = path.join(home, 'node_modules/.cache/cloudless');
  for (const folder of ['bin', 'packages/cli/dist', 'packages/cli/src', 'scripts']) {
    fs.mkdirSync(path.join(home, folder), { recursive: true });
  }
  fs.mkdirSync(stamps, { recursive: true });
  fs.copyFileSync(path.join(root, 'bin/cloudless'), path.join(home, 'bin/cloudless'));
  fs.writeFileSync(path.join(home, 'pnpm-lock.yaml'), '');
  fs.writeFileSync(path.join(home, 'packages/cli/package.json'), '{"type":"module"}');
  fs.writeFileSync(path.join(home, 'packages/cli/dist/main.js'), program);
  fs.writeFileSync(path.join(home, 'scripts/bootstrap.mjs'), `console.log('prepared');`);
  fs.writeFileSync(path.join(stamps, 'node'), `${process.execPath}\n`);
  const later = new Date(fs.statSync(stamps).mtimeMs + 60_000);
  for (const name of ['installed', 'built']) {
    fs.writeFileSync(path.join(stamps, name), '');
    fs.utimesSync(path.join(stamps, name), later, later);
  }
  return home;
}

describe.skipIf(process.platform === 'win32')('bin/cloudless', () => {
  it('runs through links from any directory, with arguments as they are', () => {
    const home = checkout('console.log(JSON.stringify(process.argv.slice(2)))');
    fs.symlinkSync('bin/cloudless', path.join(home, 'relative'));
    fs.symlinkSync(path.join(home, 'relative'), path.join(work, 'absolute'));
    const out = execFileSync(path.join(work, 'absolute'), ['a b', '', '--x=*'], { cwd: os.tmpdir(), encoding: 'utf8' });
    expect(out).toBe('["a b","","--x=*"]\n');
  });

  it('ends as the program ends', () => {
    const coded = spawnSync(path.join(checkout('process.exitCode = 3'), 'bin/cloudless'));
    expect(coded.status).toBe(3);
    const killed = spawnSync(path.join(checkout(`process.kill(process.pid, 'SIGTERM')`), 'bin/cloudless'));
    expect(killed.signal).toBe('SIGTERM');
  });

  it('is silent when nothing changed, and builds first when something did', () => {
    const home = checkout('');
    const silent = spawnSync(path.join(home, 'bin/cloudless'), { encoding: 'utf8' });
    expect([silent.stdout, silent.stderr]).toEqual(['', '']);
    const source = path.join(home, 'packages/cli/src/main.ts');
    fs.writeFileSync(source, '');
    const later = new Date(fs.statSync(source).mtimeMs + 120_000);
    fs.utimesSync(source, later, later);
    const built = spawnSync(path.join(home, 'bin/cloudless'), { encoding: 'utf8' });
    expect([built.stdout, built.stderr]).toEqual(['', 'prepared\n']);
  });
});
