import { CloudlessError } from '@cloudless/core';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, lineOf } from '../src/exit.js';
import { Failure } from '../src/failure.js';

describe('exit codes', () => {
  it.each([
    [new Failure('usage', ''), 2],
    [new Failure('needs-person', ''), 3],
    [new Failure('timeout', ''), 4],
    [new CloudlessError('timeout', ''), 4],
    [new CloudlessError('code-used', ''), 1],
    [new Error('timeout'), 1],
    [Object.assign(new Error('x'), { code: 'usage' }), 1],
    ['text', 1],
  ])('%o ends with %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('say what is wrong in one safe line', () => {
    expect(lineOf(new Failure('io', 'first\n  second \u001b[2J'))).toBe('cloudless: first second \\x1b[2J');
  });
});
