import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aboveOf,
  type BaseRow,
  brakeWindowMs,
  isStorm,
  isTooMuch,
  mayEmpty,
  type Operation,
  type Plan,
  pendingChanges,
  type Version,
  windowAt,
  withhold,
} from '../../src/tree/index.js';
import { version } from './arbitrary.js';
import { contentId, deviceId } from './world.js';

const empty: Plan = { acts: [], operations: [], needs: [], hash: [], waits: [], conflicts: [], unsyncable: [] };

function window(files: number, done: { readonly delete?: number; readonly overwrite?: number } = {}) {
  return { sinceMs: 0, files, delete: 0, overwrite: 0, ...done };
}

describe('how much is too much', () => {
  it.each([
    ['delete', 50, 100, false],
    ['delete', 51, 100, true],
    ['delete', 60, 1_000, false],
    ['delete', 200, 1_000, false],
    ['delete', 201, 1_000, true],
    ['delete', 50, 250, false],
    ['delete', 51, 252, true],
    ['delete', 51, 255, false],
    ['overwrite', 500, 600, false],
    ['overwrite', 501, 600, true],
    ['overwrite', 5_000, 10_000, false],
    ['overwrite', 5_001, 10_000, true],
  ] as const)('%s %i of %i: %s', (kind, count, files, expected) => {
    expect(isTooMuch(kind, count, window(files))).toBe(expected);
    expect(isTooMuch(kind, 1, window(files, { [kind]: count - 1 }))).toBe(expected);
  });

  it('is one in a hundred after something odd', () => {
    expect(isTooMuch('delete', 10, window(1_000), true)).toBe(false);
    expect(isTooMuch('delete', 11, window(1_000), true)).toBe(true);
    expect(isTooMuch('overwrite', 1, window(10), true)).toBe(true);
    expect(isTooMuch('delete', 0, window(0), true)).toBe(false);
  });

  it('grows with what was there and with what is done, never the other way', () => {
    const kinds = fc.constantFrom('delete' as const, 'overwrite' as const);
    fc.assert(
      fc.property(kinds, fc.nat(20_000), fc.nat(20_000), fc.nat(500), (kind, count, files, step) => {
        if (isTooMuch(kind, count, window(files))) expect(isTooMuch(kind, count + step, window(files))).toBe(true);
        else expect(isTooMuch(kind, count, window(files + step))).toBe(false);
      }),
    );
  });

  it('a root is emptied by three files or more', () => {
    expect([mayEmpty(2, 2), mayEmpty(3, 3), mayEmpty(3, 4), mayEmpty(40, 40)]).toEqual([false, true, false, true]);
  });

  it('a storm is more than fifty conflicts', () => {
    expect([isStorm(50), isStorm(51)]).toEqual([false, true]);
  });
});

describe('the window', () => {
  it('is open for ten minutes from the first change', () => {
    const open = { ...window(100, { delete: 7 }), sinceMs: 1_000 };
    expect(windowAt(open, 1_000 + brakeWindowMs - 1, 93)).toBe(open);
    const next = windowAt(open, 1_000 + brakeWindowMs, 93);
    expect(next).toEqual({ sinceMs: 1_000 + brakeWindowMs, files: 93, delete: 0, overwrite: 0 });
  });

  it('of a clock that went back begins now, with all that was counted', () => {
    const open = { ...window(100, { delete: 7 }), sinceMs: 5_000_000 };
    expect(windowAt(open, 1_000, 93)).toEqual({ ...open, sinceMs: 1_000 });
  });
});

describe('what counts', () => {
  const own = deviceId(0);
  const other = deviceId(1);
  const row = (path: string, fields: Partial<BaseRow> = {}): BaseRow => ({
    path,
    kind: 'file',
    content: contentId(0),
    size: 10,
    mtimeUs: 0,
    executable: false,
    vector: {},
    ...fields,
  });
  const by = (path: string, device: typeof own, fields: Partial<Version> = {}): Version =>
    version({ path, at: { device, seq: 2, index: 0 }, ...fields });

  function changes(
    plan: Partial<Plan>,
    rows: readonly BaseRow[],
    versions: readonly Version[] = [],
  ): readonly string[] {
    const found = pendingChanges(
      { ...empty, ...plan },
      {
        own,
        base: (path) => rows.find((each) => each.path === path),
        view: (path) => {
          const shown = versions.find((each) => each.path === path);
          if (shown === undefined) return undefined;
          const { type: kind, vector } = shown;
          return { path, kind, version: shown, vector, copies: [], nameless: [], versions: [shown] };
        },
        versions: (path) => versions.filter((each) => each.path === path),
      },
    );
    return found.map(({ path, side, kind, device }) => `${side} ${kind} ${path}${device === own ? '' : ' by other'}`);
  }

  function remove(path: string): Operation {
    return { op: 'remove', path, expect: undefined, base: row(path, { kind: 'absent' }), after: [], keep: false };
  }

  it('are deletes and overwrites of files, of this device and of others', () => {
    const base = row('a');
    const disk = {
      path: 'a',
      kind: 'file',
      size: 1,
      mtimeUs: 1,
      ctimeUs: 1,
      inode: '1',
      content: contentId(1),
    } as const;
    expect(changes({ acts: [{ act: 'delete', path: 'a', base }] }, [base])).toEqual(['out delete a']);
    expect(changes({ acts: [{ act: 'put', path: 'a', base, disk }] }, [base])).toEqual(['out overwrite a']);
    expect(
      changes({ operations: [remove('a')] }, [base], [by('a', other, { type: 'absent', content: undefined })]),
    ).toEqual(['in delete a by other']);
    const written = by('a', other, { content: contentId(1) });
    const write: Operation = {
      op: 'write',
      path: 'a',
      expect: undefined,
      base,
      after: [],
      keep: false,
      over: 'file',
      version: written,
    };
    expect(changes({ operations: [write] }, [base], [written])).toEqual(['in overwrite a by other']);
    expect(changes({ needs: [{ path: 'a', version: written, ref: undefined }] }, [base], [written])).toEqual([
      'in overwrite a by other',
    ]);
  });

  it('are not creations, new times, or what this device did itself', () => {
    const base = row('a');
    const disk = {
      path: 'a',
      kind: 'file',
      size: 10,
      mtimeUs: 1,
      ctimeUs: 1,
      inode: '1',
      content: contentId(0),
    } as const;
    expect(changes({ acts: [{ act: 'put', path: 'a', base: undefined, disk }] }, [])).toEqual([]);
    expect(changes({ acts: [{ act: 'put', path: 'a', base, disk }] }, [base])).toEqual([]);
    expect(
      changes({ operations: [remove('a')] }, [base], [by('a', own, { type: 'absent', content: undefined })]),
    ).toEqual([]);
    const version = by('b', other);
    expect(changes({ needs: [{ path: 'b', version, ref: undefined }] }, [], [version])).toEqual([]);
  });

  it('are not deletes of what the same plan puts elsewhere; of empty files they are', () => {
    const base = row('a');
    const disk = {
      path: 'b',
      kind: 'file',
      size: 10,
      mtimeUs: 1,
      ctimeUs: 1,
      inode: '1',
      content: contentId(0),
    } as const;
    const put = { act: 'put', path: 'b', base: undefined, disk } as const;
    expect(changes({ acts: [{ act: 'delete', path: 'a', base }, put] }, [base])).toEqual([]);
    const hollow = row('a', { size: 0 });
    expect(changes({ acts: [{ act: 'delete', path: 'a', base: hollow }, put] }, [hollow])).toEqual(['out delete a']);
  });
});

describe('a plan without what is stopped', () => {
  const paths = ['a', 'a/b', 'a/b/c', 'a/d', 'e', 'f', 'f/g'];
  const operation = fc.record({
    path: fc.constantFrom(...paths),
    op: fc.constantFrom('mkdir' as const, 'remove' as const, 'rmdir' as const, 'note' as const),
    after: fc.subarray(paths, { maxLength: 1 }),
  });

  it('has nothing stopped, nothing that needs it, and otherwise all there was, in its order', () => {
    const operations = fc.uniqueArray(operation, { selector: ({ path }) => path });
    fc.assert(
      fc.property(operations, fc.subarray(paths), (made, stopped) => {
        const common = { expect: undefined, base: { path: '', kind: 'absent' } };
        const whole = made.map((each) => ({ ...common, ...each }) as unknown as Operation);
        const isStopped = (path: string): boolean => stopped.includes(path);
        const staysBelow = (path: string): boolean => stopped.some((each) => each.startsWith(`${path}/`));
        const { plan, waiting } = withhold({ ...empty, operations: whole }, isStopped, staysBelow);
        expect(plan.operations).toEqual(whole.filter((each) => plan.operations.includes(each)));
        const left = plan.operations.map(({ path }) => path);
        const gone = whole.filter((each) => !plan.operations.includes(each)).map(({ path }) => path);
        for (const each of plan.operations) {
          if (each.op === 'note') continue;
          expect(isStopped(each.path)).toBe(false);
          if (each.op === 'rmdir') expect(staysBelow(each.path)).toBe(false);
        }
        for (const [i, { path, op, after }] of whole.entries()) {
          if (op === 'note' || !left.includes(path)) continue;
          const earlier = whole.slice(0, i).flatMap((each) => (each.op === 'rmdir' ? [] : [each.path]));
          const missing = earlier.filter((each) => gone.includes(each));
          for (const each of [...aboveOf(path), ...after]) expect(missing).not.toContain(each);
        }
        for (const [path, on] of waiting) {
          expect(left).not.toContain(path);
          expect(gone).toContain(on);
        }
        const free = (path: string): boolean => !isStopped(path) && !aboveOf(path).some(isStopped) && !staysBelow(path);
        for (const { path, after } of whole) {
          if (free(path) && after.length === 0 && !aboveOf(path).some((above) => gone.includes(above)))
            expect(left).toContain(path);
        }
      }),
      { numRuns: 500 },
    );
  });
});
