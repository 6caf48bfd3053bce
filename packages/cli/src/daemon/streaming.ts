import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamItem } from '@cloudless/core';
import type { CallContext } from '../rpc/server.js';

/** So few that a line of them stays far below the longest. */
const batchItems = 128;

/** Sends what an iterator gives until it ends or the caller leaves; what comes in one turn goes in one line. */
export async function streamTo<T>(
  source: AsyncIterableIterator<T>,
  context: CallContext,
  toWire: (item: T) => unknown,
): Promise<void> {
  const leave = (): void => void source.return?.();
  context.signal.addEventListener('abort', leave);
  const batch: unknown[] = [];
  let sending: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    await nextTurn();
    await context.items(batch.splice(0));
    sending = undefined;
  };
  try {
    for await (const item of source) {
      batch.push(toWire(item));
      sending ??= send();
      if (batch.length >= batchItems) await sending;
    }
    await sending;
    if (batch.length > 0) await context.items(batch);
  } finally {
    context.signal.removeEventListener('abort', leave);
  }
}

export function itemToWire({ folder, stream, device, seq, index, timeMs, data }: StreamItem): unknown {
  const base64 = Buffer.from(data).toString('base64');
  return { folder, stream, device, seq, index, time: new Date(timeMs).toISOString(), data: base64 };
}
