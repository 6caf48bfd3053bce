import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** What a person means by FOLDER: a path where it looks like one, else a name or the beginning of an id. */
export function folderArgument(text: string): string {
  return /^\.{1,2}$|[/\\]/.test(text) ? realPath(text) : text;
}

/** An absolute path with the links in it followed, as far as it exists. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}

/** The same for the path of an entry of a folder, which may be a link itself. */
export function entryPath(path: string): string {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
}
