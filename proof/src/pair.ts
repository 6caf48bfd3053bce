import path from 'node:path';
import { type Daemon, Refused } from './daemon.js';

const waitMs = 90_000;
const roundsMax = 40;

/** Makes a directory a folder; gives a link to join it. */
export async function create(daemon: Daemon, directory: string): Promise<{ readonly link: string }> {
  const { folder } = await daemon.call<{ readonly folder: string }>('create', { path: directory });
  return daemon.call('invite', { folder });
}

export async function join(daemon: Daemon, code: string, directory: string): Promise<void> {
  await daemon.call('join', { code, path: directory, parent: path.dirname(directory), timeoutMs: waitMs });
}

/**
 * Waits until all are in step: two rounds that agree, for what one does because of another shows in the second.
 * A person would say yes to whatever the brake holds, and so does this.
 */
export async function settle(daemons: readonly Daemon[]): Promise<void> {
  const prints: string[] = [];
  for (let round = 0; round < roundsMax; round++) {
    prints.push(...(await Promise.all(daemons.map(inStep))));
    const last = prints.slice(-2 * daemons.length);
    if (round > 0 && new Set(last).size === 1) return;
  }
  throw new Error(`never in step: ${prints.slice(-2 * daemons.length).join(' ')}`);
}

async function inStep(daemon: Daemon): Promise<string> {
  for (;;) {
    try {
      const { fingerprint } = await daemon.call<{ readonly fingerprint: string }>('wait', { timeoutMs: waitMs });
      return fingerprint;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'needs-person') throw error;
      await approveAll(daemon);
    }
  }
}

async function approveAll(daemon: Daemon): Promise<void> {
  const folders = await daemon.call<readonly { readonly folder: string }[]>('folders');
  for (const { folder } of folders) await daemon.call('approve', { folder }).catch(ignoreNothingHeld);
}

function ignoreNothingHeld(error: unknown): void {
  if (!(error instanceof Refused) || error.code !== 'not-found') throw error;
}
