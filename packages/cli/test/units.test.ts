import { describe, expect, it } from 'vitest';
import { caveatOf, checkSetting } from '../src/settings.js';
import { durationMs, sizeOf, timeLeft, timeoutMs } from '../src/units.js';

const usage = expect.objectContaining({ code: 'usage' });

describe('what is typed', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('%s is a time', (text, ms) => {
    expect(durationMs('--ttl', text)).toBe(ms);
  });

  it.each(['', '5', 'h', '-1h', '1.5h', '1w', '1h30m', '12345678s', '0s', '0d', '36526d'])('"%s" is none', (text) => {
    expect(() => durationMs('--ttl', text)).toThrow(usage);
  });

  it('takes seconds for a time-out, or none', () => {
    expect([timeoutMs(undefined), timeoutMs('0'), timeoutMs('1.5')]).toEqual([undefined, 0, 1_500]);
    for (const text of ['', '-1', 'long', '1e9', '2000001']) expect(() => timeoutMs(text)).toThrow(usage);
  });

  it.each([
    ['colour', undefined],
    ['toString', undefined],
    ['lan', 'maybe'],
    ['listen', 'nowhere'],
    ['listen', 'host:70000'],
    ['tracker', 'nonsense'],
    ['tracker', 'https://host'],
    ['tracker', 'wss://one two'],
    ['name', ''],
    ['name', 'x'.repeat(129)],
  ])('setting %s to %s is refused', (key, value) => {
    expect(() => checkSetting(key, value)).toThrow(usage);
  });

  it.each([
    ['lan', 'off'],
    ['listen', '[::]:0'],
    ['listen', '0.0.0.0:4041'],
    ['name', undefined],
    ['tracker', 'wss://one/t ws://[::1]:8080'],
    ['tracker', ''],
  ])('setting %s to %s is taken', (key, value) => {
    expect(() => checkSetting(key, value)).not.toThrow();
  });
});

it('says of a setting when nothing acts on it', () => {
  const silent = [
    ['name', 'laptop'],
    ['lan', 'off'],
    ['tracker', ''],
  ] as const;
  for (const [key, value] of silent) expect(caveatOf(key, value)).toBeUndefined();
  expect(caveatOf('listen', '[::]:0')).toContain('cloudless down');
  expect(caveatOf('tracker', 'wss://one')).toContain('tracker');
  expect(caveatOf('dht', 'on')).toContain('dht');
});

describe('what is shown', () => {
  it('has sizes and times for people', () => {
    expect([0, 1_023, 1_024, 1_572_864].map(sizeOf)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 MiB']);
    expect([5, 65, 3_700].map(timeLeft)).toEqual(['5 s', '1 min 5 s', '1 h 1 min']);
    expect(timeLeft(Number.POSITIVE_INFINITY)).toBe('…');
  });
});
