import { Failure } from './failure.js';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const msOf: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const secondMs = 1_000;
const rates: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000, g: 1_000_000_000 };
/** Less would not bring a chunk before whoever waits for it gives up. */
const rateMin = 50_000;
const timeoutSecondsMax = 2_000_000;
/** A hundred years. */
const durationMsMax = 3_155_760_000_000;

/** A size for people. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Bytes a second of `500k`, `2M` or a number; 0 for `off`. Throws `usage`. */
export function rateOf(option: string, text: string): number {
  if (text.trim().toLowerCase() === 'off') return 0;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([kKmMgG]?)$/.exec(text.trim());
  const rate = match === null ? 0 : Math.round(Number(match[1]) * (rates[(match[2] ?? '').toLowerCase()] ?? 1));
  if (rate >= rateMin) return rate;
  throw new Failure(
    'usage',
    `${option} takes bytes a second like 500k or 2M, at least ${rateMin}, or off, not "${text}".`,
  );
}

/** Milliseconds of `90s`, `15m`, `24h` or `30d`: more than nothing, at most a hundred years. Throws `usage`. */
export function durationMs(option: string, text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim());
  if (match === null) throw new Failure('usage', `${option} takes a time like 90s, 15m, 24h or 30d, not "${text}".`);
  const ms = Number(match[1]) * (msOf[match[2] as string] ?? 0);
  if (ms > 0 && ms <= durationMsMax) return ms;
  throw new Failure('usage', `${option} takes a time from 1s to a hundred years, not "${text}".`);
}

/** Milliseconds of `--timeout SECONDS`. Throws `usage`. */
export function timeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= timeoutSecondsMax) return seconds * secondMs;
  throw new Failure('usage', `--timeout takes a number of seconds, not "${text}".`);
}

/** A time left for people. */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${Math.ceil(seconds % 60)} s` : `${Math.ceil(seconds)} s`;
}
