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
  [['share', '.', '--for']],
  [['share', '.', '--for', '--json']],
  [['share', '.', '--for', '0d']],
  [['share', '.', '--for', '1d', '--for', '30d']],
  [['share', '.', '--level']],
  [['share', '.', '--level', 'read', '--level', 'admin']],
  [['share', '.', '--ttl']],
  [['share', '.', '--name', '']],
  [['share', '.', '--secret=maybe']],
  [['folders', '--home', '']],
  [['join']],
  [['wait', '--timeout', 'long']],
  [['wait', '--timeout']],
  [['wait', '--timeout', '']],
  [['wait', '--timeout', '1', '--timeout', '2']],
  [['doctor', 'disk']],
  [['log']],
  [['log', 'append', 'garden']],
  [['log', 'files', 'garden', 'diary', 'maybe']],
  [['up', '--listen', 'nowhere']],
  [['up', '--listen']],
  [['up', '--tracker', 'nonsense']],
  [['up', '--tracker', 'wss://one two']],
  [['up', '--tracker', '']],
  [['up', '--no-lan=perhaps']],
  [['config', 'name', '']],
  [['config', 'colour']],
])('%j is wrong usage: one line, exit code 2', async (args) => {
  expect(await runProgram(args)).toBe(2);
  expect(written.stderr).toMatch(/^cloudless: \S.*\n$/);
});

it.each([
  [['share', '.', '--secret'], '--secret'],
  [['share', '.', '--secret', '--level', 'read', '--for', '30d'], '--secret'],
  [['doctor', 'net'], 'network'],
])('%j is understood, and fails with one line that says what there is instead', async (args, word) => {
  expect(await runProgram(args)).toBe(1);
  expect(written.stderr).toMatch(/^cloudless: \S.*\n$/);
  expect(written.stderr).toContain(word);
});

it.each([
  [['no-such-command'], 'There is no command "no-such-command"'],
  [['--home', 'x', 'statsu'], 'There is no command "statsu": did you mean "status"'],
  [['log', 'tial', 'garden'], 'There is no command "tial": did you mean "tail"'],
  [['join'], 'It is "cloudless join <code> [path]"'],
  [['log', 'append', 'garden'], 'It is "cloudless log append <folder> <name>"'],
])('%j is told what is wrong with it: %s', async (args, said) => {
  expect(await runProgram(args)).toBe(2);
  expect(written.stderr).toContain(said);
});
