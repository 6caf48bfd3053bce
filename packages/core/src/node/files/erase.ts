import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../errors.js';
import { privateName } from '../../model/index.js';
import { mountsBelow } from './mounts.js';
import { hasToken } from './token.js';

/** Removes a root and all in it; follows no link. The token goes last, so that half of it is still the folder's. */
export function eraseRoot(root: string): void {
  const [mounted] = mountsBelow(root);
  check(mounted === undefined, 'unsafe-path', `Something is mounted at ${root}/${mounted}: nothing was deleted.`);
  const inner = folderBelow(root);
  check(inner === undefined, 'nested-folder', `${inner} is a folder of its own: nothing was deleted.`);
  for (const name of readdirSync(root)) if (name !== privateName) rmSync(join(root, name), { recursive: true });
  rmSync(root, { recursive: true });
}

function folderBelow(root: string): string | undefined {
  const { dev } = lstatSync(root);
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path !== root && (hasToken(path) || lstatSync(path).dev !== dev)) return path;
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name !== privateName) waiting.push(join(path, entry.name));
    }
  }
  return undefined;
}
