// npm run crash-points -- [--sample N] [--seed S] [--scenario NAME --device D --call N --leaves all|flushed|some]
// Plays small scenarios in which a device ends at each call of its disk or its databases, or at N of these, and says
// which of them broke a promise. With --call only that one, and what happened last in it.
import { parseArgs } from 'node:util';
import { nodeCrypto } from '@cloudless/core/node';
import { crashAt, crashPoints, sampled } from '@cloudless/core/sim';

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    device: { type: 'string' },
    call: { type: 'string' },
    leaves: { type: 'string' },
  },
});

const crypto = nodeCrypto();
const all = crashPoints(crypto);
const chosen = values.sample === undefined ? all : sampled(all, Number(values.sample), Number(values.seed));
const asked = ({ scenario, device, call, leaves }) =>
  (values.scenario ?? scenario) === scenario &&
  Number(values.device ?? device) === device &&
  Number(values.call ?? call) === call &&
  (values.leaves ?? leaves) === leaves;

const total = { points: all.length, played: 0, failed: 0 };
for (const point of chosen.filter(asked)) {
  total.played += 1;
  try {
    crashAt(crypto, point);
  } catch (error) {
    total.failed += 1;
    if (values.call !== undefined) console.log((error.tail ?? []).join('\n'));
    const { scenario, device, call, leaves } = point;
    console.log(error.message);
    console.log(`  --scenario "${scenario}" --device ${device} --call ${call} --leaves ${leaves}`);
  }
}
console.log(JSON.stringify(total));
if (total.failed > 0) process.exitCode = 1;
