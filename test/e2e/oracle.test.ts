import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CloudlessDriver } from '../../proof/src/oracle/cloudless.js';
import type { Driver } from '../../proof/src/oracle/driver.js';
import { Stage } from '../../proof/src/oracle/play.js';
import { print, type Script, scriptOf } from '../../proof/src/oracle/script.js';
import { shrink } from '../../proof/src/oracle/search.js';
import { root as repository } from '../tidy/source.js';
import { NaiveDriver } from './naive.js';

const nodes = 3;

async function stageOf(driver: Driver): Promise<Stage> {
  onTestFinished(() => driver.stop());
  return new Stage(driver, await driver.start(nodes));
}

/** The first script of a seed on that fails. */
async function failing(stage: Stage, runs: number): Promise<Script | undefined> {
  for (let seed = 1; seed <= runs; seed++) {
    const script = scriptOf(seed, nodes);
    if ((await stage.play(script)).wrong !== undefined) return script;
  }
  return undefined;
}

describe('the oracle', () => {
  it('plays the same script for the same seed', () => {
    expect(scriptOf(7, nodes)).toEqual(scriptOf(7, nodes));
    expect(print(scriptOf(7, nodes))).not.toBe(print(scriptOf(8, nodes)));
  });

  it('finds what is wrong with a program that lets the last writer win, and the least that shows it', async () => {
    const stage = await stageOf(new NaiveDriver(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-naive-'))));
    const script = (await failing(stage, 20)) ?? [];
    const outcome = await stage.play(script);
    expect(outcome.wrong).toContain('nothing explains what was seen');
    const least = await shrink(stage, script, outcome, () => undefined);
    expect(least.script.length).toBeLessThanOrEqual(4);
  });

  it('finds an order of hidden steps for all that three daemons show', async () => {
    const stage = await stageOf(new CloudlessDriver(repository));
    for (const seed of [1, 2, 3, 4]) {
      const { wrong } = await stage.play(scriptOf(seed, nodes));
      expect(wrong, `seed ${seed}\n${print(scriptOf(seed, nodes))}`).toBeUndefined();
    }
  });
});
