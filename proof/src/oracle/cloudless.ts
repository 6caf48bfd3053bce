import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Daemon, Refused } from '../daemon.js';
import type { Driver } from './driver.js';

const waitMs = 60_000;

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
    fs.mkdirSync(roots[0] ?? '');
    await first?.call('create', { path: roots[0] });
    for (const [index, daemon] of others.entries()) {
      const invited = await first?.call<{ readonly link: string }>('invite', { folder: 'common' });
      const target = roots[index + 1];
      await daemon.call('join', { code: invited?.link, path: target, parent: this.#base, timeoutMs: waitMs });
    }
    await this.settle();
    return roots;
  }

  /** Two rounds that agree: what one does because of another is seen in the second. */
  async settle(): Promise<void> {
    const prints: string[] = [];
    for (;;) {
      prints.push(...(await Promise.all(this.#daemons.map(inStep))));
      const last = prints.slice(-2 * this.#daemons.length);
      if (last.length === 2 * this.#daemons.length && new Set(last).size === 1) return;
      if (prints.length > 40 * this.#daemons.length) throw new Error(`never in step: ${last.join(' ')}`);
    }
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

async function inStep(daemon: Daemon): Promise<string> {
  for (;;) {
    try {
      const { fingerprint } = await daemon.call<{ readonly fingerprint: string }>('wait', { timeoutMs: waitMs });
      return fingerprint;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'needs-person') throw error;
      await daemon.call('approve', { folder: 'common' }).catch(ignoreNothingHeld);
    }
  }
}

function ignoreNothingHeld(error: unknown): void {
  if (!(error instanceof Refused) || error.code !== 'not-found') throw error;
}
