import { describe, expect, test } from 'vitest';
import { utf8, utf8Text } from '../../src/bytes.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { Stage } from '../../src/sim/index.js';

const crypto = nodeCrypto();
const old = utf8('as it was\n');
const big = new Uint8Array(70_000).fill(7);

/** A stage on which both devices hold `a` and `dir/b`, and device 1 has then lost what room it had. */
function staged(noRoom: (stage: Stage) => void): Stage {
  const stage = new Stage(crypto, 1);
  const steps = [
    () => {
      stage.save(0, 'a', old);
      stage.save(0, 'dir/b', utf8('goes\n'));
    },
  ];
  stage.play({ name: 'disk full', steps }, () => undefined);
  noRoom(stage);
  return stage;
}

function whyOf(stage: Stage, path: string): { readonly state: string; readonly reason: string } {
  const { state, reason } = stage.device(1).engine?.folders()[0]?.tree?.why(path) ?? { state: 'gone' };
  return { state, reason: reason ?? '' };
}

/** There is room again: both come to rest, equal, and nothing of what anybody saved is gone. */
function heals(stage: Stage): void {
  const { disk, storage } = stage.device(1);
  disk.faults.full = () => false;
  disk.faults.freeBytes = Number.POSITIVE_INFINITY;
  storage.fill(false);
  stage.settle();
  stage.pass(30_000);
  expect(stage.faults()).toEqual([]);
}

function full(part: string): (stage: Stage) => void {
  return (stage) => {
    stage.device(1).disk.faults.full = (path) => path.includes(part);
  };
}

describe('no room', () => {
  test.each([
    ['for a temp file', full('/.cloudless/temps/'), 'a'],
    ['for the archive', full('/.cloudless/archive/'), 'a'],
    ['anywhere', full('/'), 'a'],
  ])('%s: what is there stays, the reason is told, and it goes on once there is room', (_, noRoom, path) => {
    const stage = staged(noRoom);
    stage.save(0, path, big);
    stage.pass(60_000);
    expect(stage.device(1).person.read(path)).toEqual(old);
    expect(whyOf(stage, path)).toMatchObject({
      state: expect.not.stringMatching(/inStep/),
      reason: expect.stringMatching(/full/),
    });
    expect(stage.device(1).crashes).toBe(0);
    heals(stage);
    expect(stage.device(1).person.read(path)).toEqual(big);
  });

  test.each([1, 10, 511, 4_096, 69_999])('after %i bytes: as much, and nothing half written is shown', (bytes) => {
    const stage = staged(({ devices }) => {
      devices[1].disk.faults.freeBytes = bytes;
    });
    stage.save(0, 'a', big);
    stage.pass(60_000);
    expect(stage.device(1).person.read('a')).toEqual(old);
    expect(whyOf(stage, 'a').reason).toMatch(/full/);
    heals(stage);
    expect(stage.device(1).person.read('a')).toEqual(big);
  });

  test('for what is to be removed to go to the archive: it stays where it is', () => {
    const stage = staged(full('/.cloudless/archive/'));
    stage.remove(0, 'dir');
    stage.pass(60_000);
    expect(stage.device(1).person.paths()).toContain('dir/b');
    heals(stage);
    expect(stage.device(1).person.paths()).not.toContain('dir/b');
  });

  test('in the databases: nothing is said that does not last, and all is there once there is room', () => {
    const stage = staged(({ devices }) => devices[1].storage.fill(true));
    stage.save(1, 'mine', utf8('saved while the databases could not grow\n'));
    stage.save(0, 'a', big);
    let code: string | undefined;
    const command = { command: 'append', folder: stage.folder, stream: 'notes', items: [utf8('a line')] } as const;
    stage.device(1).command(command, (reply) => {
      code = reply.code;
    });
    stage.pass(120_000);
    expect(code).toBe('closed');
    expect(stage.device(0).person.read('mine')).toBeUndefined();
    heals(stage);
    expect(stage.device(0).person.read('mine')).toBeDefined();
  });

  test('for a log shown as a file: the log has the line, and the file gets it once there is room', () => {
    const stage = staged(() => undefined);
    const device = stage.device(1);
    stage.ask(device, { command: 'log-files', folder: stage.folder, stream: 'notes', on: true });
    const append = (line: string): void => {
      const items = [utf8(line)];
      expect(stage.ask(device, { command: 'append', folder: stage.folder, stream: 'notes', items }).code).toBe(
        undefined,
      );
    };
    append('first');
    stage.pass(30_000);
    const views = device.person.paths().filter((path) => shown(stage, path).includes('first'));
    expect(views).toHaveLength(1);
    full(`/${views[0]}`)(stage);
    append('second');
    stage.pass(30_000);
    expect(shown(stage, views[0] ?? '')).not.toContain('second');
    device.disk.faults.full = () => false;
    stage.pass(600_000);
    expect(shown(stage, views[0] ?? '')).toContain('second');
  });
});

function shown(stage: Stage, path: string): string {
  return utf8Text(stage.device(1).person.read(path) ?? new Uint8Array(0)) ?? '';
}
