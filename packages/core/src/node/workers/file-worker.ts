/** A thread that works on files: hashes, seals, writes, or walks. */

import { parentPort } from 'node:worker_threads';
import { invariant } from '../../errors.js';
import { nodeCrypto } from '../crypto.js';
import { answerCalls } from '../files/calls.js';
import { LocalFiles } from '../files/carry-out.js';

invariant(parentPort !== null, 'this module runs in a worker');
const local = new LocalFiles(nodeCrypto());
answerCalls(parentPort, (call, item) => local.call(call, item));
