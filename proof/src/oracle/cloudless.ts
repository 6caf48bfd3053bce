import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Daemon } from '../daemon.js';
import { create, join, settle } from '../pair.js';
import type { Driver } from './driver.js';

/** Real daemons of this checkout, each in a home of its own, on loopback. */
export class CloudlessDriver implements Driver {
  readonly #repository: string;
  readonly #base: string = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-oracle-')));
  readonly #daemons: Daemon[] = [];

  constructor(repository: string) {
    this.#repository = repository;
  }

  async start(nodes: number): Promise<readonly string[]> {
    for (let node = 0; node < nodes; node++)
      this.#daemons.push(new Daemon(this.#repository, path.join(this.#base, `${node}.home`)));
    await Promise.all(this.#daemons.map((daemon) => daemon.up()));
    const roots = this.#daemons.map((_, node) => path.join(this.#base, `${node}`, 'common'));
    for (const root of roots) fs.mkdirSync(path.dirname(root));
    const [first, ...others] = this.#daemons;
    const [root, ...targets] = roots;
    if (first === undefined || root === undefined) throw new Error('an oracle needs nodes');
    fs.mkdirSync(root);
    for (const [index, daemon] of others.entries()) {
      const { link } = await create(first, root);
      await join(daemon, link, targets[index] ?? '');
    }
    await this.settle();
    return roots;
  }

  settle(): Promise<void> {
    return settle(this.#daemons);
  }

  halt(node: number): void {
    this.#daemons[node]?.signal('SIGSTOP');
  }

  go(node: number): void {
    this.#daemons[node]?.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.kill()));
    fs.rmSync(this.#base, { recursive: true, force: true });
  }
}
