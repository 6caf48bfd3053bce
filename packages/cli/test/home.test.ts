import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openHome } from '../src/home.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudless-home-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  vi.stubEnv('TMPDIR', directory);
  return directory;
}

function longHome(directory: string): string {
  return join(directory, 'x'.repeat(120));
}

it('is not the current directory where the path is empty', () => {
  expect(() => openHome('')).toThrow(expect.objectContaining({ code: 'usage' }));
  const directory = scratch();
  for (const name of ['XDG_DATA_HOME', 'LOCALAPPDATA', 'HOME', 'USERPROFILE']) vi.stubEnv(name, directory);
  vi.stubEnv('CLOUDLESS_HOME', '');
  expect(openHome(undefined).path.startsWith(directory)).toBe(true);
});

it('belongs to its user only, also where it was open before', () => {
  const path = join(scratch(), 'home');
  mkdirSync(path);
  chmodSync(path, 0o755);
  openHome(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it('has its socket inside, or in a private place that stays the same where its path is too long', () => {
  const directory = scratch();
  const path = join(directory, 'h');
  expect(openHome(path).socket).toBe(join(path, 'control.sock'));
  const { socket } = openHome(longHome(directory));
  expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100);
  expect(statSync(join(socket, '..')).mode & 0o777).toBe(0o700);
  vi.stubEnv('TMPDIR', '/elsewhere');
  expect(openHome(longHome(directory)).socket).toBe(socket);
});

it('refuses a place for its socket that others can enter', () => {
  const directory = scratch();
  const open = join(directory, `cloudless-${process.getuid?.()}`);
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(() => openHome(longHome(directory))).toThrow(expect.objectContaining({ code: 'io' }));
});
