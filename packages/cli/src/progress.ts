/** The only importer of cli-progress. */

import { SingleBar } from 'cli-progress';
import type { Client } from './rpc/client.js';
import { sizeOf } from './output.js';

interface FolderStatus {
  readonly bytesLeft: number;
  readonly have: number;
  readonly want: number;
}

const terminalMs = 250;
const otherwiseMs = 10_000;

/** Shows how far syncing is: a bar with rate and time left on a terminal, a line now and then elsewhere. Returns what ends it. */
export function showProgress(client: Client, folder: string | undefined): () => void {
  const terminal = process.stderr.isTTY === true;
  const show = terminal ? terminalProgress() : plainProgress();
  let last = Date.now();
  const timer = setInterval(() => {
    client.call('status', { folder }).then(
      (status) => {
        const { folders } = status as { readonly folders: readonly FolderStatus[] };
        const left = folders.reduce((sum, each) => sum + each.bytesLeft, 0);
        show.update(left, (Date.now() - last) / 1_000);
        last = Date.now();
      },
      () => undefined,
    );
  }, terminal ? terminalMs : otherwiseMs);
  return () => {
    clearInterval(timer);
    show.stop();
  };
}

interface Progress {
  update(bytesLeft: number, seconds: number): void;
  stop(): void;
}

function terminalProgress(): Progress {
  let bar: SingleBar | undefined;
  let most = 0;
  let before = 0;
  let rate = 0;
  return {
    update: (bytesLeft, seconds) => {
      if (bytesLeft > most) most = bytesLeft;
      rate = 0.7 * rate + 0.3 * (Math.max(0, before - bytesLeft) / Math.max(0.001, seconds));
      before = bytesLeft;
      if (most === 0) return;
      if (bar === undefined) {
        const format = '{bar} {percentage}%  {left} left  {rate}/s  {time}';
        bar = new SingleBar({ format, stream: process.stderr, barsize: 20, hideCursor: true, clearOnComplete: true });
        bar.start(most, 0, { left: '', rate: '', time: '' });
      }
      bar.setTotal(most);
      const time = rate > 0 ? `${Math.ceil(bytesLeft / rate)} s` : '';
      bar.update(most - bytesLeft, { left: sizeOf(bytesLeft), rate: sizeOf(Math.round(rate)), time });
    },
    stop: () => bar?.stop(),
  };
}

function plainProgress(): Progress {
  return {
    update: (bytesLeft) => {
      if (bytesLeft > 0) process.stderr.write(`${sizeOf(bytesLeft)} left\n`);
    },
    stop: () => undefined,
  };
}
