import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runProgram } from '../src/program.js';

const written = { stdout: '', stderr: '' };

beforeEach(() => {
  written.stdout = '';
  written.stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.stderr += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  [[]],
  [['no-such-command']],
  [['folder']],
  [['share']],
  [['share', 'a', 'b']],
  [['share', '.', '--levels', 'read']],
  [['share', '.', '--level', 'king']],
  [['share', '.', '--ttl', 'soon']],
  [['share', '.', '--for', 'ever']],
  [['join']],
  [['wait', '--timeout', 'long']],
  [['log']],
  [['log', 'append', 'garden']],
  [['log', 'files', 'garden', 'diary', 'maybe']],
  [['up', '--listen', 'nowhere']],
])('%j is wrong usage: one line, exit code 2', async (args) => {
  expect(await runProgram(args)).toBe(2);
  expect(written.stderr).toMatch(/^cloudless: \S.*\n$/);
});
