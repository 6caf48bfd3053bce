// npm run mutants -- [--lanes N] [--list] [ID…]
// Runs the tests that test/mutants names, each with one fragment of the program changed. The change is made in memory
// while the source is loaded: no file is written, whenever this ends. Exit code 1 when a mutant survives its test, or
// when its entry no longer fits the program or the tests.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { root } from './bootstrap.mjs';

const { values, positionals } = parseArgs({
  options: { lanes: { type: 'string', default: '2' }, list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const lists = path.join(root, 'test/mutants');
const modules = await Promise.all(readdirSync(lists).map((name) => import(path.join(lists, name))));
const all = modules.flatMap((module) => module.mutants ?? []);
const chosen = positionals.length === 0 ? all : positionals.map((id) => all.find((mutant) => mutant.id === id) ?? id);
const unknown = chosen.filter((mutant) => typeof mutant === 'string');

/** A Vitest of its own, which sees the program with the mutant that is set. */
class Lane {
  #vitest;
  #mutant;
  /** Whether the changed file was loaded. */
  #isLoaded = false;

  async open() {
    const plugin = { name: 'mutant', enforce: 'pre', transform: (code, id) => this.#change(code, id) };
    // Transformed sources are kept by what is on disk: what is changed here must not get among them.
    const options = { root, watch: false, fsModuleCache: false, reporters: [{}], maxWorkers: 1, project: ['core'] };
    this.#vitest = await createVitest('test', options, { plugins: [plugin] });
  }

  close() {
    return this.#vitest.close();
  }

  /** The tests of a file with one of these words in their title: state and first error of each that ran. */
  async run(test, titles, mutant) {
    for (const each of [this.#mutant, mutant]) if (each) this.#vitest.invalidateFile(path.join(root, each.file));
    this.#mutant = mutant;
    this.#isLoaded = false;
    const project = this.#vitest.getProjectByName('core');
    const testNamePattern = new RegExp(titles.map((title) => RegExp.escape(title)).join('|'));
    const specification = project.createSpecification(path.join(root, test), { testNamePattern });
    const { testModules, unhandledErrors } = await this.#vitest.runTestSpecifications([specification]);
    // Files that were run earlier are still among them.
    const modules = testModules.filter(({ moduleId }) => moduleId === specification.moduleId);
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const ran = tests
      .map((each) => ({ name: each.fullName, ...each.result() }))
      .filter(({ state }) => state !== 'skipped');
    const broken = [...modules.flatMap((module) => module.errors()), ...unhandledErrors];
    return { ran, broken: broken[0]?.message, isLoaded: this.#isLoaded };
  }

  #change(code, id) {
    if (this.#mutant === undefined || id !== path.join(root, this.#mutant.file)) return undefined;
    this.#isLoaded = true;
    return code.split(this.#mutant.find).join(this.#mutant.replace);
  }
}

/** What is wrong with an entry before anything is run. */
function staleness({ file, find }) {
  const count = readFileSync(path.join(root, file), 'utf8').split(find).length - 1;
  return count === 1 ? undefined : `its fragment occurs ${count} times`;
}

async function judge(lane, mutant) {
  const stale = staleness(mutant);
  if (stale !== undefined) return { verdict: 'stale', reason: stale };
  const { ran, broken, isLoaded } = await lane.run(mutant.test, [mutant.title], mutant);
  if (broken !== undefined) return { verdict: 'stale', reason: `it does not run: ${broken}` };
  if (ran.length === 0) return { verdict: 'stale', reason: 'no test has that title' };
  if (!isLoaded) return { verdict: 'stale', reason: 'its test does not load the file' };
  const failed = ran.find(({ state }) => state === 'failed');
  if (failed === undefined) return { verdict: 'survived', reason: mutant.breaks };
  return { verdict: 'killed', reason: failed.errors?.[0]?.message ?? '' };
}

/** Tests that fail without any mutant: they prove nothing. */
async function unfit(lane, test, titles) {
  const { ran, broken } = await lane.run(test, titles, undefined);
  if (broken !== undefined) return [`${test}: ${broken}`];
  return ran.filter(({ state }) => state !== 'passed').map(({ name }) => `${test}: ${name} fails by itself`);
}

const counts = { killed: 0, survived: 0, stale: unknown.length };

function report(mutant, { verdict, reason }, ms) {
  counts[verdict] += 1;
  const [first] = reason.split('\n');
  const line = [verdict.padEnd(8), mutant.id.padEnd(28), `${(ms / 1_000).toFixed(1).padStart(5)} s `, first];
  console.log(line.join(' ').slice(0, 160));
}

/** All mutants of one test file after another, so that a lane transforms what they load once. */
async function work(queue) {
  const lane = new Lane();
  await lane.open();
  for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
    const [test, mutants] = group;
    const titles = [...new Set(mutants.map(({ title }) => title))];
    for (const reason of await unfit(lane, test, titles)) {
      counts.stale += 1;
      console.log(`stale    ${reason}`);
    }
    for (const mutant of mutants) {
      const startMs = performance.now();
      report(mutant, await judge(lane, mutant), performance.now() - startMs);
    }
  }
  await lane.close();
}

for (const id of unknown) console.log(`stale    ${id}: there is no such mutant`);
const mutants = chosen.filter((mutant) => typeof mutant !== 'string');
if (values.list) {
  for (const { id, file, breaks } of mutants) console.log(`${id.padEnd(28)} ${file}\n  ${breaks}`);
} else {
  const queue = [...Map.groupBy(mutants, ({ test }) => test)];
  await Promise.all(Array.from({ length: Number(values.lanes) }, () => work(queue)));
  console.log(`${counts.killed} killed, ${counts.survived} survived, ${counts.stale} stale`);
}
process.exitCode = counts.survived + counts.stale > 0 ? 1 : 0;
