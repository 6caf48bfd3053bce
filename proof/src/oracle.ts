// npm run oracle -- [--runs N | --minutes N] [--seed S] [--nodes N] [--driver cloudless|syncthing] [--no-shrink]
// Plays seeded scripts on real daemons and looks for an order of hidden steps that explains what was seen in the file
// system. Stops with exit code 1 at the first run that has none, after making its script smaller.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CloudlessDriver } from './oracle/cloudless.js';
import type { Driver } from './oracle/driver.js';
import { Stage } from './oracle/play.js';
import { print, scriptOf } from './oracle/script.js';
import { shrink } from './oracle/search.js';
import { hasSyncthing, SyncthingDriver } from './oracle/syncthing.js';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '3' },
    driver: { type: 'string', default: 'cloudless' },
    shrink: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

function driverNamed(name: string): Driver | undefined {
  if (name === 'cloudless') return new CloudlessDriver(repository);
  if (name !== 'syncthing') throw new Error(`no driver ${name}: cloudless or syncthing`);
  return hasSyncthing() ? new SyncthingDriver() : undefined;
}

async function main(driver: Driver): Promise<number> {
  const nodes = Number(values.nodes);
  const endMs = values.minutes === undefined ? undefined : Date.now() + Number(values.minutes) * 60_000;
  const total = { runs: 0, acts: 0, observations: 0, conflicts: 0, races: 0 };
  const stage = new Stage(driver, await driver.start(nodes));
  const isOver = (): boolean => (endMs === undefined ? total.runs >= Number(values.runs) : Date.now() >= endMs);
  for (let seed = Number(values.seed); !isOver(); seed++) {
    const script = scriptOf(seed, nodes);
    const outcome = await stage.play(script);
    total.runs += 1;
    total.acts += script.length;
    for (const name of ['observations', 'conflicts', 'races'] as const) total[name] += outcome[name];
    if (outcome.wrong === undefined) continue;
    console.error(`seed ${seed}: ${outcome.wrong}\n${print(script)}`);
    if (values.shrink) {
      const least = await shrink(stage, script, outcome, (found) => console.error(`${found.length} acts fail too`));
      console.error(`smallest: ${least.outcome.wrong}\n${print(least.script)}`);
    }
    console.log(JSON.stringify(total));
    return 1;
  }
  console.log(JSON.stringify(total));
  return 0;
}

const driver = driverNamed(values.driver);
if (driver === undefined) console.log(`skipped: ${values.driver} is not installed on this machine`);
else {
  try {
    process.exitCode = await main(driver);
  } finally {
    await driver.stop();
  }
}
