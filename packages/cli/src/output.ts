import { escapeText, toJsonLine } from './escape.js';

/** How a command shows what it found. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** The result: JSON as it is, or lines of text, which are escaped here. */
  result(value: unknown, lines: () => readonly string[]): void;
  /** Something on the way, for people at a terminal only. */
  note(line: string): void;
  /** What must not be missed: on stderr, wherever that goes. */
  warn(line: string): void;
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
      if (!quiet && !json && process.stderr.isTTY === true) process.stderr.write(`${escapeText(line)}\n`);
    },
    warn: (line) => process.stderr.write(`cloudless: ${escapeText(line)}\n`),
  };
}

/** Rows as columns, as wide as they must be; the last is cut on a terminal too narrow for it. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => escapeText(row[i] ?? '').length)));
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  return rows.map((row) => {
    const padded = row.map((cell, i) => (i === row.length - 1 ? cell : pad(escapeText(cell), widths[i] ?? 0)));
    const line = padded.join('  ');
    return line.length > width ? `${line.slice(0, width - 1)}…` : line;
  });
}

function pad(cell: string, width: number): string {
  return cell.padEnd(width);
}
