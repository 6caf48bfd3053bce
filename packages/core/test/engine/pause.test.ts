import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import type { FolderId } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { create, invite, join, read, result, run, say, stage } from './stage.js';
import type { Wire, WiredDevice } from './wire.js';

const crypto = nodeCrypto();

interface Row {
  readonly folder: string;
  readonly state: string;
  readonly peers: number;
}

/** Amy and Betty with two folders in common, connected. */
function twoFolders(): { wire: Wire; amy: WiredDevice; betty: WiredDevice; one: FolderId; two: FolderId } {
  const storage = memoryStorage();
  const { wire, amy, betty, folder: one } = stage(crypto, storage);
  wire.cut = false;
  wire.pass(60_000);
  const two = create(wire, amy);
  result(betty, join(wire, betty, invite(wire, amy, two).link));
  wire.pass(1_000);
  return { wire, amy, betty, one, two };
}

function rowOf(wire: Wire, device: WiredDevice, folder: string): Row | undefined {
  return run<readonly Row[]>(wire, device, { command: 'folders' }).find((row) => row.folder === folder);
}

describe('a paused folder', () => {
  it('is sent to nobody and takes nothing, while the others go on; then it catches up', () => {
    const { wire, amy, betty, one, two } = twoFolders();
    expect(run<readonly Row[]>(wire, betty, { command: 'pause', folder: one })).toMatchObject([{ state: 'paused' }]);
    wire.pass(60_000);
    say(wire, amy, one, 'unheard');
    say(wire, betty, one, 'unsaid');
    say(wire, amy, two, 'heard');
    wire.pass(5_000);
    expect([read(wire, betty, one), read(wire, betty, two)]).toEqual([['unsaid'], ['heard']]);
    expect(read(wire, amy, one)).toEqual(['unheard']);
    expect(rowOf(wire, betty, one)).toMatchObject({ state: 'paused', peers: 0 });
    expect(rowOf(wire, betty, two)).toMatchObject({ peers: 1 });
    expect(rowOf(wire, amy, one)).toMatchObject({ peers: 0 });
    run(wire, betty, { command: 'resume', folder: one });
    wire.pass(60_000);
    for (const device of [amy, betty]) {
      expect([...read(wire, device, one)].sort()).toEqual(['unheard', 'unsaid']);
      for (const folder of [one, two]) expect(rowOf(wire, device, folder)?.peers).toBeGreaterThan(0);
    }
  });

  it('stays paused over a restart, and twice is once', () => {
    const { wire, amy, one, two } = twoFolders();
    run(wire, amy, { command: 'pause', folder: undefined });
    run(wire, amy, { command: 'pause', folder: two });
    expect(amy.engine.home.folderSettings(two)).toMatchObject({ paused: true, ignore: [], want: [] });
    expect(amy.doors).toEqual([]);
    run(wire, amy, { command: 'resume', folder: two });
    wire.pass(60_000);
    expect(rowOf(wire, amy, one)).toMatchObject({ state: 'paused', peers: 0 });
    expect(rowOf(wire, amy, two)).toMatchObject({ peers: 1 });
  });

  it('lets nobody in with a code until it is resumed', () => {
    const { wire, amy, one } = twoFolders();
    const carl = wire.add('carl', memoryStorage());
    wire.settle();
    const { link } = invite(wire, amy, one);
    run(wire, amy, { command: 'pause', folder: one });
    const id = join(wire, carl, link);
    wire.pass(70_000);
    expect(carl.replies.get(id)?.code).toMatch(/unreachable|timeout/);
    run(wire, amy, { command: 'resume', folder: one });
    result(carl, join(wire, carl, link));
  });
});

describe('limits', () => {
  it('are told to the host when they change, and kept', () => {
    const { wire, amy } = stage(crypto);
    expect(run(wire, amy, { command: 'limit', up: undefined, down: undefined })).toEqual({ up: null, down: null });
    amy.effects.splice(0);
    expect(run(wire, amy, { command: 'limit', up: 500_000, down: undefined })).toEqual({ up: 500_000, down: null });
    expect(amy.effects).toContainEqual({ type: 'limits', up: 500_000, down: undefined });
    expect(run(wire, amy, { command: 'limit', up: 0, down: 7 })).toEqual({ up: null, down: 7 });
    expect(amy.engine.home.limits()).toEqual({ up: undefined, down: 7 });
    const refused = amy.command({ command: 'limit', up: -1, down: undefined });
    wire.settle();
    expect(amy.replies.get(refused)?.code).toBe('usage');
  });
});
