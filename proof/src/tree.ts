import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Everything below a folder's directory by name, Cloudless' own place left out: kind, bytes, executable bit. */
export function treeOf(root: string): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  const walk = (relative: string): void => {
    for (const name of fs.readdirSync(path.join(root, relative)).sort()) {
      if (relative === '' && name === '.cloudless') continue;
      const inside = relative === '' ? name : `${relative}/${name}`;
      const row = rowOf(path.join(root, inside));
      rows.set(inside, row);
      if (row === 'directory') walk(inside);
    }
  };
  walk('');
  return rows;
}

function rowOf(file: string): string {
  const stat = fs.lstatSync(file);
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return `link to ${fs.readlinkSync(file)}`;
  const kind = (stat.mode & 0o100) !== 0 ? 'executable' : 'file';
  return `${kind} of ${stat.size}, ${hashOf(fs.readFileSync(file))}`;
}

export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A line for each path at which two directories differ. */
export function disksDiffer(one: string, other: string): readonly string[] {
  const [ours, theirs] = [treeOf(one), treeOf(other)];
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return [...names]
    .filter((name) => ours.get(name) !== theirs.get(name))
    .map((name) => `${name}: ${ours.get(name) ?? 'nothing'} here, ${theirs.get(name) ?? 'nothing'} there`);
}
