/** Laws of plans over rows that disagree in every way, from a small pool of paths and contents. */

import { afterEach, expect, test, vi } from 'vitest';
import type { ContentId } from '../../src/model/index.js';
import { closeSet, type Plan, pathState, pendingChanges, planTree, withhold } from '../../src/tree/index.js';
import { contentId, Device, parentOf, type Rnd, seeded } from './world.js';

const names = ['a.txt', 'A.txt', 'CON.txt', 'd'];
const pool = [...names, 'd/a.txt', 'd/A.txt', 'd/CON.txt', 'd/e', 'd/e/a.txt', 'D', 'D/a.txt'];
/** Few, so that paths often want what others hold. */
const contents = [0, 1, 2, 3, 4, 6, 7].map(contentId);

function pick<T>(rnd: Rnd, items: readonly T[]): T {
  return items[Math.floor(rnd() * items.length)] as T;
}

/** Whether a person could put something there: below directories, under a name that the disk takes. */
function isFree(device: Device, path: string): boolean {
  const parent = parentOf(path);
  if (parent !== undefined && device.disk.get(parent)?.kind !== 'directory') return false;
  return !device.reserved.has(path) && device.twinsOf(path, device.disk.keys()).length === 0;
}

function act(rnd: Rnd, device: Device): void {
  const paths = [...device.disk.keys()];
  const path = rnd() < 0.4 && paths.length > 0 ? pick(rnd, paths) : pick(rnd, pool);
  if (!isFree(device, path)) return;
  const choice = rnd();
  if (choice < 0.18) return device.remove(path);
  if (choice < 0.45 && paths.length > 0) {
    const from = pick(rnd, paths);
    if (from === path || path.startsWith(`${from}/`) || from.startsWith(`${path}/`)) return;
    device.remove(path);
    return device.rename(from, path);
  }
  if (choice < 0.5) return device.chmod(path);
  if (choice > 0.85 || device.disk.get(path)?.kind !== 'file') device.remove(path);
  if (choice < 0.6) device.mkdir(path);
  else if (choice < 0.67) device.symlink(path, pick(rnd, ['a.txt', 'd', '../out']));
  else device.write(path, pick(rnd, contents));
}

/** What this run of the world is like: each kind of trouble is there or not. */
function troubled(rnd: Rnd, device: Device): void {
  if (rnd() < 0.4) for (const path of pool) if (rnd() < 0.2) device.ignored.add(path);
  if (rnd() < 0.3) for (const path of [...device.disk.keys()]) if (rnd() < 0.2) device.unreadable.add(path);
  for (const [path, row] of device.disk) {
    if (row.kind !== 'file' || rnd() < 0.7) continue;
    device.unread.add(path);
    if (rnd() < 0.5) device.disk.set(path, { ...row, ctimeUs: row.ctimeUs + 1 });
  }
  device.online = rnd() < 0.6;
}

/** One device in the middle of things: two others have acted, and it has acted itself. */
function situation(seed: number): Device {
  const rnd = seeded(seed);
  let now = 1_000_000;
  const devices = [0, 1, 2].map((n) => new Device(n, () => ++now));
  const [device] = devices as [Device];
  device.blind = rnd() < 0.4;
  if (rnd() < 0.4) for (const path of pool) if (path.endsWith('CON.txt')) device.reserved.add(path);
  // What all have in common first: later acts are on what others know.
  for (let i = 0; i < 12; i++) act(rnd, device);
  device.settle();
  for (const each of devices) if (each !== device && rnd() < 0.9) each.syncFrom(device);
  for (let round = 0; round < 2; round++) {
    for (const each of devices) {
      each.settle();
      for (let i = Math.floor(rnd() * 6); i > 0; i--) act(rnd, each);
      if (each !== device || rnd() < 0.3) each.settle();
    }
    for (const each of devices) for (const other of devices) if (rnd() < 0.6) each.syncFrom(other);
    if (rnd() < 0.3) device.round(device.plan(), Math.floor(rnd() * 4), rnd() < 0.5);
  }
  for (let i = Math.floor(rnd() * 3); i > 0; i--) act(rnd, device);
  troubled(rnd, device);
  return device;
}

function each(count: number, check: (device: Device, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) check(situation(seed), seed);
}

/** Reads what a plan asks to be read, as an engine does. Whether there was anything. */
function readAll(device: Device, plan: Plan): boolean {
  for (const path of plan.hash) device.unread.delete(path);
  return plan.hash.length > 0;
}

/** Rounds until nothing is left to do. */
function settle(device: Device): number {
  const roundsMax = 4 * device.allPaths().size + 4;
  for (let round = 0; round < roundsMax; round++) {
    const plan = device.plan();
    const hasRead = readAll(device, plan);
    if (!hasRead && !device.round(plan)) return round;
  }
  throw new Error('no fixed point');
}

function restricted(plan: Plan, paths: ReadonlySet<string>): Plan {
  const keep = <T extends { readonly path: string }>(items: readonly T[]): readonly T[] =>
    items.filter(({ path }) => paths.has(path));
  const { acts, operations, needs, waits, conflicts, unsyncable } = plan;
  return {
    acts: keep(acts),
    operations: keep(operations),
    needs: keep(needs),
    hash: plan.hash.filter((path) => paths.has(path)),
    waits: keep(waits),
    conflicts: keep(conflicts),
    unsyncable: keep(unsyncable),
  };
}

/** Whether nothing is to be done at a path, by a rule, a name or what can't be looked at. */
function isLeftOut(device: Device, path: string): boolean {
  const { rule, unsyncable } = device.input([]);
  const above = [path, ...pool].filter((each) => path === each || path.startsWith(`${each}/`));
  return above.some(
    (each) => device.unreadable.has(each) || rule?.(each) !== 'sync' || unsyncable?.(each) !== undefined,
  );
}

/** Contents that the view counts, by path. */
function counted(device: Device): ReadonlyMap<string, ReadonlySet<ContentId>> {
  const found = new Map<string, Set<ContentId>>();
  for (const path of device.view.paths()) {
    const contents = pathState(device.view, path).counted.flatMap(({ content, type }) =>
      type === 'file' && content !== undefined ? [content] : [],
    );
    if (contents.length > 0) found.set(path, new Set(contents));
  }
  return found;
}

afterEach(() => vi.restoreAllMocks());

test('situations are of every kind', () => {
  const met = new Set<string>();
  each(900, (device) => {
    const plan = device.plan();
    for (const { act } of plan.acts) met.add(act);
    for (const operation of plan.operations) {
      met.add(operation.op);
      if ('over' in operation) met.add(`${operation.op} over ${operation.over}`);
      if ('keep' in operation && operation.keep) met.add(`${operation.op} and keep`);
      if (operation.after.length > 0) met.add('after');
    }
    for (const { reason } of plan.waits) met.add(reason);
    if (plan.needs.length > 0) met.add('need');
    if (plan.hash.length > 0) met.add('read');
    for (const { reason } of plan.unsyncable) met.add(reason.replace(/“.*”|\(.*\)/, '…'));
    for (const { copies } of plan.conflicts) met.add(copies.length > 1 ? 'copies' : 'copy');
  });
  const kinds = ['put', 'delete', 'note', 'mkdir', 'rename', 'write', 'symlink', 'meta', 'remove', 'rmdir'];
  const waits = ['unknown', 'record-first', 'hash', 'content', 'parent', 'in-the-way', 'not-empty', 'partner', 'twin'];
  const overs = ['write over file', 'write over symlink', 'symlink over file', 'mkdir over file', 'mkdir over symlink'];
  const rest = ['write and keep', 'remove and keep', 'after', 'need', 'read', 'reserved', 'copy', 'copies'];
  const unsyncable = ["This disk can't tell it from ….", 'A link that does not stay inside the folder ….'];
  expect([...kinds, ...waits, ...overs, ...rest, ...unsyncable].filter((kind) => !met.has(kind))).toEqual([]);
});

test('[FIL-34] work ends within four rounds a path, and leaves nothing to do', () => {
  each(500, (device, seed) => {
    settle(device);
    const { acts, operations, hash, needs } = device.plan();
    expect({ acts, operations, hash }, `seed ${seed}`).toEqual({ acts: [], operations: [], hash: [] });
    if (device.online && device.unreadable.size === 0) expect(needs, `seed ${seed}`).toEqual([]);
  });
});

test('[FIL-33] planning a closed set is planning everything, on disks that are blind to case too', () => {
  each(250, (device, seed) => {
    const all = device.allPaths();
    const whole = device.plan();
    for (const dirty of all) {
      const closed = closeSet(device.closure(), [dirty]);
      expect(planTree(device.input(closed)), `seed ${seed}, ${dirty}`).toEqual(restricted(whole, closed));
    }
  });
});

test('[FIL-20] what is live at a path stays live but for what was done here over it', () => {
  each(600, (device, seed) => {
    const before = counted(device);
    const base = new Map(device.base);
    settle(device);
    const after = new Set([...counted(device).values()].flatMap((contents) => [...contents]));
    for (const [path, contents] of before) {
      for (const content of contents) {
        const done = [...base].some(([at, row]) => row.content === content && device.disk.get(at)?.content !== content);
        expect(after.has(content) || done, `seed ${seed}: ${content.slice(0, 8)} of ${path}`).toBe(true);
      }
    }
  });
});

test('[FIL-40] each file of a disk that nobody knows of is recorded, adopted, or left where it is', () => {
  each(600, (device, seed) => {
    readAll(device, device.plan());
    const before = [...device.disk.values()].filter(({ kind }) => kind === 'file');
    const base = new Map(device.base);
    settle(device);
    const own = new Set(device.held.get(device.id)?.map(({ path, content }) => `${path} ${content}`));
    for (const { path, content } of before) {
      if (content === undefined || base.get(path)?.content === content) continue;
      const isThere = device.disk.get(path)?.content === content;
      const isKnown = own.has(`${path} ${content}`) || base.get(path)?.next?.content === content;
      const isView = device.view.versions(path).some((one) => one.content === content || one.base === content);
      expect(isThere || isKnown || isView, `seed ${seed}: ${path}`).toBe(true);
      if (isLeftOut(device, path)) expect(isThere, `seed ${seed}: ${path} is left out`).toBe(true);
    }
  });
});

test('[FIL-61] what is stopped is not done, all else is, and once it may go on nothing is left', () => {
  let stops = 0;
  each(400, (device, seed) => {
    const rnd = seeded(seed + 1_000_000);
    readAll(device, device.plan());
    const plan = device.plan();
    const lookup = device.input([]);
    const versions = (path: string): ReturnType<typeof device.view.versions> => device.view.versions(path);
    const changes = pendingChanges(plan, { own: device.id, base: lookup.base, view: lookup.view, versions });
    const stopped = new Set(changes.map(({ path }) => path).filter(() => rnd() < 0.5));
    if (stopped.size > 0) stops += 1;
    const staysBelow = (path: string): boolean => [...stopped].some((one) => one.startsWith(`${path}/`));
    const { plan: rest, waiting } = withhold(plan, (path) => stopped.has(path), staysBelow);
    expect(plan.acts).toEqual(expect.arrayContaining([...rest.acts]));
    expect(rest.operations).toEqual(plan.operations.filter((one) => rest.operations.includes(one)));
    const done = [...rest.acts, ...rest.operations.filter(({ op }) => op !== 'note'), ...rest.needs];
    expect(
      done.filter(({ path }) => stopped.has(path)),
      `seed ${seed}`,
    ).toEqual([]);
    if (stopped.size === 0) expect([rest, waiting]).toEqual([plan, []]);
    const before = [...stopped].map((path) => device.disk.get(path));
    device.round(rest);
    expect(
      [...stopped].map((path) => device.disk.get(path)),
      `seed ${seed}`,
    ).toEqual(before);
    settle(device);
    expect(device.plan(), `seed ${seed}`).toMatchObject({ acts: [], operations: [] });
  });
  expect(stops).toBeGreaterThan(50);
});

test('a plan reads no clock and no chance, and is the same each time', () => {
  each(100, (device) => {
    const whole = device.plan();
    const refuse = (): never => {
      throw new Error('a plan is a function of its rows');
    };
    vi.spyOn(Date, 'now').mockImplementation(refuse);
    vi.spyOn(performance, 'now').mockImplementation(refuse);
    vi.spyOn(Math, 'random').mockImplementation(refuse);
    expect(device.plan()).toEqual(whole);
    vi.restoreAllMocks();
  });
});

test('[FIL-12] [FIL-20] what a device shows does not depend on the order in which it heard of it', () => {
  each(300, (device, seed) => {
    const rnd = seeded(seed + 2_000_000);
    const other = new Device(9, () => 0);
    const versions = [...device.held.values()].flat();
    for (const version of versions.map((one) => ({ one, at: rnd() })).sort((a, b) => a.at - b.at)) {
      other.take(version.one);
      if (rnd() < 0.3) other.view.add(version.one);
    }
    for (const path of new Set([...device.view.paths(), ...device.view.copyNames()])) {
      expect(pathState(other.view, path), `seed ${seed}: ${path}`).toEqual(pathState(device.view, path));
    }
  });
});
