import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, toJsonLine } from '../src/escape.js';

const steering = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff\u200b\u2060]/u;

describe('text for a terminal', () => {
  it.each([
    ['\u001b[2J', '\\x1b[2J'],
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['\u001b]52;c;eA==\u001b\\', '\\x1b]52;c;eA==\\x1b\\'],
    ['\u009b31m', '\\x9b31m'],
    ['a\rb\bc\u007f', 'a\\x0db\\x08c\\x7f'],
    ['a\tb\nc', 'a\\tb\\x0ac'],
    ['\u202eexe.txt', '\\u{202e}exe.txt'],
    ['a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['lone \ud800', 'lone \ufffd'],
  ])('%j becomes %j', (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });

  it('leaves other text as it is', () => {
    const text = 'ünïcödé 日本 👩‍👩‍👧 می‌خواهم "quotes" \\ $HOME';
    expect(escapeText(text)).toBe(text);
  });

  it('never holds what steers one', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !steering.test(escapeText(text))));
  });
});

describe('JSON for a program', () => {
  it('keeps text exactly and holds no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = toJsonLine({ text });
        expect(JSON.parse(line)).toEqual({ text });
        expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('writes controls as \\u', () => {
    expect(toJsonLine('\u001b\u009b\u007f\u202e')).toBe('"\\u001b\\u009b\\u007f\\u202e"');
  });
});
