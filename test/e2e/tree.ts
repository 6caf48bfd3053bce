import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

/** What a folder promises to keep of a path. */
export type Row =
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
  | {
      readonly type: 'file';
      readonly bytes: number;
      readonly sha256: string;
      readonly executable: boolean;
      readonly mtimeUs: number;
    };

/** Everything in a directory by path, Cloudless' own place in it left out. */
export function treeOf(root: string): Readonly<Record<string, Row>> {
  const rows: Record<string, Row> = {};
  const walk = (relative: string): void => {
    for (const name of fs.readdirSync(path.join(root, relative)).sort()) {
      if (relative === '' && name === '.cloudless') continue;
      const inside = relative === '' ? name : `${relative}/${name}`;
      const row = rowOf(path.join(root, inside));
      rows[inside] = row;
      if (row.type === 'directory') walk(inside);
    }
  };
  walk('');
  return rows;
}

function rowOf(file: string): Row {
  const stat = fs.lstatSync(file, { bigint: true });
  if (stat.isDirectory()) return { type: 'directory' };
  if (stat.isSymbolicLink()) return { type: 'symlink', target: fs.readlinkSync(file) };
  return {
    type: 'file',
    bytes: Number(stat.size),
    sha256: createHash('sha256').update(fs.readFileSync(file)).digest('hex'),
    executable: (stat.mode & 0o100n) !== 0n,
    mtimeUs: Number(stat.mtimeNs / 1_000n),
  };
}

/** Every byte, type, link target, time and executable bit is the same. */
export function expectEqualTrees(...roots: readonly string[]): void {
  const [first = '', ...others] = roots;
  const wanted = treeOf(first);
  for (const other of others) expect(treeOf(other)).toEqual(wanted);
}

/** Copies left by two edits at once. */
export function conflictCopies(root: string): readonly string[] {
  return Object.keys(treeOf(root)).filter((name) => / \(conflict /.test(name));
}
