import { readdirSync } from 'node:fs';

/**
 * Names that are in no composed form, by the composed one that stands for them on the wire. One that the disk has
 * composed too, or that would stand for a name without accents, is left out: it is the twin of another.
 */
export function composedNames(names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const odd = names.filter((name) => name !== name.normalize('NFC'));
  if (odd.length === 0) return found;
  const plain = new Set(names);
  for (const name of odd.sort()) {
    const composed = name.normalize('NFC');
    if (!plain.has(composed) && !isAscii(composed) && !found.has(composed)) found.set(composed, name);
  }
  return found;
}

/** Whether a name is the same in every Unicode form. */
export function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return false;
  return true;
}

/**
 * Names as directories list them. On a disk that is blind to case a name leads to whatever differs in case alone, so
 * something is at a name only if it is listed by it. What was listed is kept: one of these is for one short piece of
 * work, which says what it changes.
 */
export class Listings {
  readonly #names = new Map<string, Set<string>>();

  /** Whether the directory at `base`, which the work calls `key`, lists this composed name. */
  has(key: string, base: string, name: string): boolean {
    let names = this.#names.get(key);
    if (names === undefined) {
      names = new Set(readdirSync(base).map((each) => each.normalize('NFC')));
      this.#names.set(key, names);
    }
    return names.has(name);
  }

  /** The name is there from now on. */
  add(path: string): void {
    const slash = path.lastIndexOf('/');
    this.#names.get(path.slice(0, Math.max(0, slash)))?.add(path.slice(slash + 1));
  }

  /** Neither the name is there from now on nor anything below it. */
  delete(path: string): void {
    const slash = path.lastIndexOf('/');
    this.#names.get(path.slice(0, Math.max(0, slash)))?.delete(path.slice(slash + 1));
    for (const key of this.#names.keys()) if (key === path || key.startsWith(`${path}/`)) this.#names.delete(key);
  }
}
