/** The engine's thread: all folders' engines and databases, and nothing else. */

import type { MessagePort } from 'node:worker_threads';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode, invariant } from '../../errors.js';
import { EngineLoop } from '../../host/index.js';
import { systemClock, systemRandom } from '../clock.js';
import { nodeCrypto } from '../crypto.js';
import type { FromEngine, ToEngine } from '../engine-thread.js';
import { connectFiles } from '../files.js';
import { sqliteStorage } from '../sqlite-store.js';

invariant(parentPort !== null, 'this module runs in a worker');
const main = parentPort;
const { stores, port } = workerData as { readonly stores: string; readonly port: MessagePort };

function say(message: FromEngine): void {
  main.postMessage(message);
}

function failed(error: unknown): void {
  say({ say: 'failed', code: errorCode(error), message: error instanceof Error ? error.message : String(error) });
}

try {
  const loop = new EngineLoop({
    crypto: nodeCrypto(),
    storage: sqliteStorage(stores),
    files: connectFiles(port),
    clock: systemClock,
    random: systemRandom,
    logger: { log: (level, message, details = {}) => say({ say: 'log', level, message, details }) },
    out: (effects) => say({ say: 'effects', effects }),
    failed,
  });
  main.on('message', (message: ToEngine) => {
    if (message.say === 'inputs') for (const input of message.inputs) loop.post(input);
    else void loop.close().then(() => say({ say: 'closed' }));
  });
  say({ say: 'ready' });
} catch (error) {
  failed(error);
}
