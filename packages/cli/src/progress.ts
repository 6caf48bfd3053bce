import { escapeText } from './escape.js';
import type { Client } from './rpc/client.js';
import type { Params } from './rpc/server.js';
import { sizeOf, timeLeft } from './units.js';

const barEveryMs = 500;
const lineEveryMs = 10_000;
const rateWindowMs = 5_000;

interface Sample {
  readonly timeMs: number;
  readonly left: number;
}

/** Shows how far folders are: a bar on a terminal, a line now and then elsewhere. The returned function ends it. */
export async function watchProgress(client: Client, folder: string | undefined): Promise<() => void> {
  const terminal = process.stderr.isTTY === true;
  const bar = terminal ? (await import('./bar.js')).startBar() : undefined;
  const samples: Sample[] = [];
  let most = 0;
  const look = async (): Promise<void> => {
    const { folders } = (await client.call('status', { folder })) as { readonly folders: readonly Params[] };
    const left = folders.reduce((sum, each) => sum + Number(each.bytesLeft), 0);
    most = Math.max(most, left);
    const text = describe(folders, left, rateOf(samples, left));
    if (bar === undefined) process.stderr.write(`${text}\n`);
    else bar.show(most === 0 ? 1 : 1 - left / most, text);
  };
  const timer = setInterval(() => void look().catch(() => clearInterval(timer)), terminal ? barEveryMs : lineEveryMs);
  return () => {
    clearInterval(timer);
    bar?.stop();
  };
}

/** Bytes a second over the last while. */
function rateOf(samples: Sample[], left: number): number {
  const timeMs = performance.now();
  samples.push({ timeMs, left });
  while (samples.length > 2 && timeMs - (samples[0]?.timeMs ?? 0) > rateWindowMs) samples.shift();
  const [first] = samples;
  if (first === undefined || timeMs === first.timeMs) return 0;
  return Math.max(0, ((first.left - left) * 1_000) / (timeMs - first.timeMs));
}

function describe(folders: readonly Params[], left: number, rate: number): string {
  if (left > 0) return `${sizeOf(left)} left, ${sizeOf(Math.round(rate))}/s, ${timeLeft(left / rate)}`;
  const late = folders.find(({ state }) => state !== 'inStep') ?? folders[0];
  return escapeText(`${String(late?.name ?? '')}: ${String(late?.reason ?? late?.state ?? '')}`);
}
