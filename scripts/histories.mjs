// npm run histories -- [--count N] [--from SEED] [--modes A,B]
// Runs N random histories of three devices in the model of packages/core/test/tree/history.ts, spread over its modes,
// from a seed on. Those that end wrong are named; `--count 1 --from SEED --modes MODE` runs one of them again.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { root } from './bootstrap.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '240000' },
    from: { type: 'string', default: '1000000' },
    modes: { type: 'string' },
  },
});

process.env.HISTORIES_COUNT = values.count;
process.env.HISTORIES_FROM = values.from;
if (values.modes !== undefined) process.env.HISTORIES_MODES = values.modes;

const file = path.join('packages', 'core', 'test', 'tree', 'histories.test.ts');
await startVitest('test', [file], { root, project: ['core'], watch: false });
