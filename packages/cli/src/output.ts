import { escapeText, toJsonLine } from './escape.js';

/** How a command shows what it found. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** The result: JSON as it is, or lines of text. Lines are escaped here. */
  result(value: unknown, lines: () => readonly string[]): void;
  /** Something on the way, for people only. */
  note(line: string): void;
}

export function outputFor(options: { readonly json: boolean; readonly quiet: boolean }): Output {
  const { json, quiet } = options;
  return {
    json,
    quiet,
    result: (value, lines) => {
      const text = json ? [toJsonLine(value)] : lines().map(escapeText);
      if (text.length > 0) process.stdout.write(`${text.join('\n')}\n`);
    },
    note: (line) => {
      if (!quiet && !json) process.stderr.write(`${escapeText(line)}\n`);
    },
  };
}

/** Rows as columns, as wide as they must be. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => escapeText(row[i] ?? '').length)));
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '));
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size for people. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const msOf: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `24h` or `30d`; `undefined` for anything else. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim());
  return match === null ? undefined : Number(match[1]) * (msOf[match[2] as string] ?? 0);
}
