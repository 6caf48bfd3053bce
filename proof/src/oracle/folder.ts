import fs from 'node:fs';
import path from 'node:path';
import type { Value } from './model.js';

export interface Written {
  readonly old: Value;
  /** `late`: the file had just been taken away. `blind`: another stood there than was read. */
  readonly fate: 'seen' | 'late' | 'blind';
}

/** One node's directory, used by a person who sees exactly what is overwritten or removed. */
export class PersonsFolder {
  readonly #root: string;
  /** On the same file system, and not synced. */
  readonly #beside: string;
  #counter = 0;

  constructor(root: string, beside: string) {
    this.#root = root;
    this.#beside = beside;
    fs.mkdirSync(beside, { recursive: true });
  }

  read(name: string): Value {
    return textOf(path.join(this.#root, name));
  }

  /** Writes into the file that is there, or makes one. */
  writeInPlace(name: string, value: string): Written {
    for (;;) {
      const file = path.join(this.#root, name);
      try {
        return overwrite(file, value);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      try {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, value, { flag: 'wx' });
        return { old: undefined, fate: 'seen' };
      } catch (error) {
        if (!isGone(error) && codeOf(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Writes a file beside and renames it over what is there, as editors do. */
  replace(name: string, value: string): Written {
    const file = path.join(this.#root, name);
    const fresh = this.#fresh();
    fs.writeFileSync(fresh, value);
    for (;;) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      try {
        const written = renameOver(fresh, file);
        if (written !== undefined) return written;
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  }

  /** Takes a file or a directory away; gives the text of all files that were in it, by name below the root. */
  remove(name: string): ReadonlyMap<string, string> {
    const target = this.#fresh();
    try {
      fs.renameSync(path.join(this.#root, name), target);
    } catch (error) {
      if (isGone(error)) return new Map();
      throw error;
    }
    const found = textsBelow(target, name);
    fs.rmSync(target, { recursive: true, force: true });
    return found;
  }

  /** Text of all files, by name. */
  all(): ReadonlyMap<string, string> {
    return textsBelow(this.#root, '');
  }

  #fresh(): string {
    this.#counter += 1;
    return path.join(this.#beside, `${this.#counter}`);
  }
}

function overwrite(file: string, value: string): Written {
  const handle = fs.openSync(file, 'r+');
  try {
    const old = fs.readFileSync(handle, 'utf8');
    fs.writeSync(handle, value, 0);
    const now = fs.statSync(file, { throwIfNoEntry: false });
    return { old, fate: now?.ino === fs.fstatSync(handle).ino ? 'seen' : 'late' };
  } finally {
    fs.closeSync(handle);
  }
}

/** Undefined where a file appeared that had not been there. */
function renameOver(fresh: string, file: string): Written | undefined {
  if (!fs.existsSync(file)) {
    try {
      fs.linkSync(fresh, file);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return undefined;
      throw error;
    }
    fs.rmSync(fresh);
    return { old: undefined, fate: 'seen' };
  }
  const handle = fs.openSync(file, 'r');
  try {
    const old = fs.readFileSync(handle, 'utf8');
    fs.renameSync(fresh, file);
    return { old, fate: fs.fstatSync(handle).nlink === 0 ? 'seen' : 'blind' };
  } finally {
    fs.closeSync(handle);
  }
}

function textsBelow(root: string, name: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (file: string, as: string): void => {
    let names: readonly string[];
    try {
      names = fs.readdirSync(file);
    } catch {
      const text = textOf(file);
      if (text !== undefined) found.set(as, text);
      return;
    }
    for (const inside of names) walk(path.join(file, inside), as === '' ? inside : `${as}/${inside}`);
  };
  walk(root, name);
  return found;
}

function textOf(file: string): Value {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
