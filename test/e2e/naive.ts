import fs from 'node:fs';
import path from 'node:path';
import type { Driver } from '../../proof/src/oracle/driver.js';

/** A program that copies what was written last over everything else, as many do. */
export class NaiveDriver implements Driver {
  readonly #base: string;
  readonly #roots: string[] = [];

  constructor(base: string) {
    this.#base = base;
  }

  start(nodes: number): Promise<readonly string[]> {
    for (let node = 0; node < nodes; node++) {
      const root = path.join(this.#base, `${node}`);
      fs.mkdirSync(root);
      this.#roots.push(root);
    }
    return Promise.resolve(this.#roots);
  }

  settle(): Promise<void> {
    for (const root of this.#roots) for (const other of this.#roots) if (root !== other) copyNewer(root, other);
    return Promise.resolve();
  }

  halt(): void {}

  go(): void {}

  stop(): Promise<void> {
    fs.rmSync(this.#base, { recursive: true, force: true });
    return Promise.resolve();
  }
}

function copyNewer(from: string, to: string): void {
  fs.cpSync(from, to, { recursive: true, filter: isNewer });
}

function isNewer(source: string, target: string): boolean {
  const [ours, theirs] = [fs.statSync(source), fs.statSync(target, { throwIfNoEntry: false })];
  return ours.isDirectory() || theirs === undefined || ours.mtimeMs > theirs.mtimeMs;
}
