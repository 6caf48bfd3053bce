// npm run kills -- [--seconds N] [--seed S]
// Two people change files on both sides of a folder while both daemons are killed (SIGKILL) at random moments. At the
// end both sides must be equal, byte for byte, and everything that was ever written must be in the folder, a conflict
// copy or an archive, unless its writer or somebody who saw it replaced it. Exit code 1 otherwise.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { killLoop } from './kills/loop.js';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});

const result = await killLoop({ repository, seconds: Number(values.seconds), seed: Number(values.seed) });
for (const line of result.harm.slice(0, 40)) console.error(line);
console.log(JSON.stringify({ ...result, harm: result.harm.length }));
process.exitCode = result.harm.length > 0 ? 1 : 0;
