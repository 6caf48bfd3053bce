// npm run thief -- [--seconds N] [--seed S] [--follow]
// Another process swaps directories of a folder for links that lead out of it, while a real daemon does what a peer and
// a person say below them. Exit code 1 when anything outside was touched or read. With --follow the daemon's defence is
// taken away, and harm is what is expected.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { race } from './thief/race.js';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    follow: { type: 'boolean', default: false },
  },
});

const { follow } = values;
const result = await race({ repository, seconds: Number(values.seconds), seed: Number(values.seed), follow });
for (const line of result.harm.slice(0, 40)) console.error(line);
console.log(JSON.stringify({ ...result, harm: result.harm.length }));
process.exitCode = result.harm.length > 0 !== follow || (result.refusals === 0 && !follow) ? 1 : 0;
