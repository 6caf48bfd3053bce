import { readFileSync } from 'node:fs';

const table = '/proc/self/mountinfo';

/** Paths below a root at which something is mounted, as far as the system tells. */
export function mountsBelow(root: string): ReadonlySet<string> {
  try {
    return mountsIn(readFileSync(table, 'utf8'), root);
  } catch {
    return new Set();
  }
}

/** The same, from the text of a table as in proc(5). */
export function mountsIn(text: string, root: string): ReadonlySet<string> {
  const above = `${root}/`;
  const points = text.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''));
  return new Set(points.filter((point) => point.startsWith(above)).map((point) => point.slice(above.length)));
}

/** Blanks, tabs, newlines and backslashes stand there in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
