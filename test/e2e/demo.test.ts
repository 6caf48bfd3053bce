import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root as repository } from '../tidy/source.js';

describe('the demo', () => {
  it('ends well, and leaves nothing behind', async () => {
    const { child, place, lines } = start();
    const printed: string[] = [];
    for await (const line of lines) printed.push(line);
    expect(await exitOf(child)).toEqual([0, null]);
    expect(printed.filter((line) => line.startsWith('equal, every byte compared')).length).toBe(3);
    expectNothingLeft(place);
  }, 180_000);

  it('leaves nothing behind when it is interrupted', async () => {
    const { child, place, lines } = start();
    for await (const line of lines) {
      if (line.includes('cloudless join')) break;
    }
    child.kill('SIGINT');
    expect(await exitOf(child)).toEqual([130, null]);
    expectNothingLeft(place);
  }, 180_000);
});

/** The demo, with a place of its own for what it makes. */
function start(): { readonly child: ChildProcess; readonly place: string; readonly lines: readline.Interface } {
  const place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-e2e-demo-')));
  const script = path.join(repository, 'scripts', 'demo.mjs');
  const child = spawn(process.execPath, [script], { env: { ...process.env, TMPDIR: place } });
  onTestFinished(() => {
    child.kill('SIGKILL');
    fs.rmSync(place, { recursive: true, force: true });
  });
  child.stderr.resume();
  return { child, place, lines: readline.createInterface({ input: child.stdout }) };
}

async function exitOf(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}

function expectNothingLeft(place: string): void {
  expect(fs.readdirSync(place)).toEqual([]);
  if (process.platform !== 'linux') return;
  const left = fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(place));
  expect(left).toEqual([]);
}

function environmentOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
