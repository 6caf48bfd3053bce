import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { create, invite, join, read, result, say } from './stage.js';
import { Wire, type WiredDevice } from './wire.js';

const crypto = nodeCrypto();
const names = ['amy', 'betty', 'carl'] as const;

type Step =
  | { readonly step: 'say'; readonly who: number; readonly lines: number }
  | { readonly step: 'break' | 'cut' | 'mend' }
  | { readonly step: 'lose'; readonly every: number }
  | { readonly step: 'restart'; readonly who: number }
  | { readonly step: 'pass'; readonly ms: number };

const who = fc.nat({ max: 2 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ step: fc.constant('say' as const), who, lines: fc.integer({ min: 1, max: 3 }) }),
    },
    fc.record({ step: fc.constantFrom('break' as const, 'cut' as const, 'mend' as const) }),
    fc.record({ step: fc.constant('lose' as const), every: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ step: fc.constant('restart' as const), who }),
    fc.record({ step: fc.constant('pass' as const), ms: fc.integer({ min: 100, max: 20_000 }) }),
  ),
  { minLength: 4, maxLength: 25 },
);

/** Three members of one folder, with lives that end and begin again. */
class World {
  readonly wire = new Wire(crypto);
  readonly said: string[][] = [[], [], []];
  readonly #storages = names.map(() => memoryStorage());
  readonly devices: WiredDevice[];
  readonly folder: string;

  constructor() {
    this.devices = names.map((name, i) => this.wire.add(name, this.#storages[i] as never));
    this.wire.settle();
    const [amy, betty, carl] = this.devices as [WiredDevice, WiredDevice, WiredDevice];
    this.folder = create(this.wire, amy);
    result(betty, join(this.wire, betty, invite(this.wire, amy, this.folder).link));
    result(carl, join(this.wire, carl, invite(this.wire, betty, this.folder).link));
  }

  do(step: Step): void {
    const { wire } = this;
    if (step.step === 'say') this.#say(step.who, step.lines);
    else if (step.step === 'restart') this.#restart(step.who);
    else if (step.step === 'pass') wire.pass(step.ms);
    else if (step.step === 'lose') this.#lose(step.every);
    else if (step.step !== 'break') wire.cut = step.step === 'cut';
    if (step.step === 'break' || step.step === 'cut') wire.break();
    wire.settle();
  }

  /** An honest wire for long enough. */
  calm(): void {
    this.wire.cut = false;
    this.wire.tap = (_from, bytes) => bytes;
    this.wire.break();
    this.wire.pass(120_000);
  }

  #say(index: number, count: number): void {
    const said = this.said[index] as string[];
    const lines = Array.from({ length: count }, (_, i) => `${names[index]} ${said.length + i}`);
    say(this.wire, this.devices[index] as WiredDevice, this.folder, ...lines);
    said.push(...lines);
  }

  /** Drops messages here and there; what a connection lost, the next one makes good. */
  #lose(every: number): void {
    let count = 0;
    this.wire.tap = (_from, bytes) => (++count % every === 0 ? undefined : bytes);
  }

  #restart(index: number): void {
    const { wire, devices } = this;
    wire.break();
    wire.settle();
    const old = devices[index] as WiredDevice;
    old.engine.close();
    wire.devices.splice(wire.devices.indexOf(old), 1);
    devices[index] = wire.add(old.name, this.#storages[index] as never);
    wire.settle();
  }
}

describe('three devices, whatever happens between them', () => {
  it('all have the same lines in the same order, each once, and those of a device in its order', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const world = new World();
        for (const step of history) world.do(step);
        world.calm();
        const [first = [], ...others] = world.devices.map((device) => read(world.wire, device, world.folder));
        for (const other of others) expect(other).toEqual(first);
        world.said.forEach((lines, index) => {
          expect(first.filter((line) => line?.startsWith(`${names[index]} `))).toEqual(lines);
        });
        expect(first.length).toBe(world.said.flat().length);
      }),
      { numRuns: 25, seed: 11 },
    );
  });
});
