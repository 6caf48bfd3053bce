// Directories for the demo: filling one with real files, and comparing two to the last byte.
import fs from 'node:fs';
import path from 'node:path';

const fileBytesMax = 1_048_576;

/** Copies up to `count` regular files of a directory, none large. Returns how many. */
export function copySome(from, to, count) {
  let copied = 0;
  const walk = (inside) => {
    for (const entry of fs.readdirSync(path.join(from, inside), { withFileTypes: true })) {
      if (copied >= count) return;
      const name = path.join(inside, entry.name);
      if (entry.isDirectory()) walk(name);
      else if (entry.isFile() && copyOne(path.join(from, name), path.join(to, name))) copied++;
    }
  };
  walk('');
  return copied;
}

function copyOne(from, to) {
  if (fs.statSync(from).size > fileBytesMax) return false;
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
  return true;
}

/** Every path of a directory with what is compared about it; Cloudless' own place is left out. */
export function list(root) {
  const rows = new Map();
  const walk = (inside) => {
    for (const name of fs.readdirSync(path.join(root, inside)).sort()) {
      if (inside === '' && name === '.cloudless') continue;
      const relative = path.join(inside, name);
      const stat = fs.lstatSync(path.join(root, relative), { bigint: true });
      rows.set(relative, stat);
      if (stat.isDirectory()) walk(relative);
    }
  };
  walk('');
  return rows;
}

/** Compares two directories byte by byte. Throws at the first difference; returns what was compared. */
export function compare(one, other) {
  const [left, right] = [list(one), list(other)];
  const missing =
    [...left.keys()].find((name) => !right.has(name)) ?? [...right.keys()].find((name) => !left.has(name));
  if (missing !== undefined) throw new Error(`only one side has ${missing}`);
  const sum = { files: 0, bytes: 0, directories: 0, links: 0 };
  for (const [name, stat] of left) {
    const difference = compareOne(path.join(one, name), path.join(other, name), stat, right.get(name), sum);
    if (difference !== undefined) throw new Error(`${name}: ${difference}`);
  }
  return sum;
}

function compareOne(one, other, a, b, sum) {
  if (a.mode >> 12n !== b.mode >> 12n) return 'another kind of thing';
  if (a.isDirectory()) {
    sum.directories += 1;
    return undefined;
  }
  if (a.isSymbolicLink()) {
    sum.links += 1;
    return fs.readlinkSync(one) === fs.readlinkSync(other) ? undefined : 'another target';
  }
  sum.files += 1;
  sum.bytes += Number(a.size);
  if ((a.mode & 0o100n) !== (b.mode & 0o100n)) return 'another executable bit';
  if (a.mtimeNs / 1_000n !== b.mtimeNs / 1_000n) return 'another time';
  return fs.readFileSync(one).equals(fs.readFileSync(other)) ? undefined : 'other bytes';
}
