import type { Crypto } from '../crypto/index.js';
import { Prng } from './prng.js';
import { type Scenario, scenarios } from './scenarios.js';
import { Stage } from './stage.js';

/** What is left of a machine that ends: all that its program did, nothing that was not flushed, or some of that. */
export type Leaves = 'all' | 'flushed' | 'some';

/** One call of one device in one scenario, which is the last one of that life. */
export interface CrashPoint {
  readonly scenario: string;
  readonly device: 0 | 1;
  /** From 1. */
  readonly call: number;
  readonly leaves: Leaves;
}

const leavings: readonly Leaves[] = ['all', 'flushed', 'some'];
const almostOne = 1 - 2 ** -20;

/** Every point at which a scenario can end: what changes or flushes a disk, and what commits a database. */
export function crashPoints(crypto: Crypto): readonly CrashPoint[] {
  return scenarios.flatMap((scenario) => {
    const stage = new Stage(crypto, 1);
    stage.play(scenario, () => {
      for (const device of stage.devices) device.countCalls();
    });
    const counted = stage.devices.map(({ calls }) => calls);
    const faults = stage.faults();
    if (faults.length > 0) stage.fail([scenario.name, ...faults]);
    return ([0, 1] as const).flatMap((device) =>
      Array.from({ length: counted[device] ?? 0 }, (_, index) =>
        leavings.map((leaves) => ({ scenario: scenario.name, device, call: index + 1, leaves })),
      ).flat(),
    );
  });
}

/**
 * Plays a scenario in which a device ends at that call and starts again. No path may show what nobody saved, neither
 * then nor later; at the end nothing may be lost and both must be equal. Throws `SimFailure` otherwise.
 */
export function crashAt(crypto: Crypto, point: CrashPoint): void {
  const stage = new Stage(crypto, 1);
  const ending = stage.device(point.device);
  const prng = new Prng(`${point.scenario} ${point.device} ${point.call}`);
  const keeps = { all: undefined, flushed: () => 0, some: () => Math.min(prng.number(), almostOne) }[point.leaves];
  ending.ended = () => {
    const faults = stage.strangers(ending);
    if (faults.length > 0) stage.fail([describe(point), ...faults]);
  };
  stage.play(scenarioNamed(point.scenario), () => ending.countCalls(point.call, keeps));
  // The last call of all may have been the one.
  stage.settle();
  const crashes = ending.crashes === 1 ? [] : [`${ending.name} ended ${ending.crashes} times`];
  const faults = [...crashes, ...stage.faults(), ...stage.devices.flatMap((device) => stage.strangers(device))];
  if (faults.length > 0) stage.fail([describe(point), ...faults]);
}

/** Some of them, each with the same chance; the same ones for the same seed. */
export function sampled(points: readonly CrashPoint[], count: number, seed: number): readonly CrashPoint[] {
  const prng = new Prng(`crash points ${seed}`);
  const left = [...points];
  for (let index = left.length - 1; index > 0; index--) {
    const other = prng.int(0, index);
    [left[index], left[other]] = [left[other] as CrashPoint, left[index] as CrashPoint];
  }
  return left.slice(0, count);
}

function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

function describe({ scenario, device, call, leaves }: CrashPoint): string {
  return `${scenario}: device${device} ends at call ${call}, and ${leaves} is left`;
}
