/** Versions for property tests. */

import fc from 'fast-check';
import type { ContentId, DeviceId } from '../../src/model/index.js';
import { directoryContent, type Vector, type Version, type VersionType } from '../../src/tree/index.js';
import { contentId, deviceId, targetId } from './world.js';

const types: readonly VersionType[] = ['absent', 'file', 'directory', 'symlink'];

export const vectorArbitrary: fc.Arbitrary<Vector> = fc
  .tuple(...[0, 1, 2].map(() => fc.nat({ max: 3 })))
  .map((counts) => Object.fromEntries(counts.flatMap((seq, i) => (seq > 0 ? [[deviceId(i), seq]] : []))));

function contentOf(type: VersionType, n: number): ContentId | undefined {
  if (type === 'absent') return undefined;
  if (type === 'directory') return directoryContent;
  return type === 'symlink' ? targetId(`t${n}`) : contentId(n);
}

/** One version; its vector names its own entry, as `versionOf` makes it. */
export function version(fields: Partial<Version> = {}): Version {
  const device = fields.at?.device ?? fields.stamp?.device ?? deviceId(0);
  const at = fields.at ?? { device, seq: 1, index: 0 };
  const type = fields.type ?? 'file';
  return {
    path: 'a',
    type,
    typeNumber: types.indexOf(type),
    content: contentOf(type, 0),
    size: 0,
    mtimeUs: 0,
    executable: false,
    vector: { [at.device]: at.seq },
    stamp: { hlc: 1n, device },
    made: 'person',
    at,
    ...fields,
  };
}

/** Versions of one path as up to three devices may have made them: each entry once, vectors only of what was before. */
export const historyArbitrary: fc.Arbitrary<readonly Version[]> = fc
  .array(
    fc.record({
      device: fc.nat({ max: 2 }),
      type: fc.constantFrom(...types),
      content: fc.nat({ max: 2 }),
      base: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
      sees: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      made: fc.constantFrom('person' as const, 'person' as const, 'copy' as const, 'settle' as const),
      hlc: fc.nat({ max: 5 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((steps) => {
    const made: Version[] = [];
    const seqs: Record<DeviceId, number> = {};
    for (const step of steps) {
      const device = deviceId(step.device);
      const seq = (seqs[device] ?? 0) + 1;
      seqs[device] = seq;
      const vector: Record<DeviceId, number> = { [device]: seq };
      for (const seen of step.sees) {
        for (const [key, count] of Object.entries(made[seen]?.vector ?? {})) {
          const of = key as DeviceId;
          vector[of] = Math.max(vector[of] ?? 0, count);
        }
      }
      const content = contentOf(step.type, step.content);
      const base = step.base === undefined ? undefined : contentId(step.base);
      const stamp = { hlc: BigInt(step.hlc), device };
      made.push(
        version({ type: step.type, content, base, vector, stamp, made: step.made, at: { device, seq, index: 0 } }),
      );
    }
    return made;
  });
