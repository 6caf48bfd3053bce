import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchDirectory } from '../../src/node/watch.js';
import { newPlace } from './world.js';

/** Resolves with the hints that came until one of them covers `path`. */
function until(path: string): {
  readonly hint: (hint: { readonly paths: readonly string[] | undefined }) => void;
  readonly count: Promise<number>;
} {
  const { promise, resolve } = Promise.withResolvers<number>();
  let count = 0;
  const hint = ({ paths }: { readonly paths: readonly string[] | undefined }): void => {
    count += 1;
    if (paths?.some((each) => each === path || path.startsWith(`${each}/`)) !== false) resolve(count);
  };
  return { hint, count: promise };
}

describe('a burst', () => {
  it('of 20,000 files is hinted at in few hints, to its end', async () => {
    const place = newPlace();
    const { hint, count } = until('d199/last');
    const stop = await watchDirectory(place.path, hint);
    for (let d = 0; d < 200; d++) {
      mkdirSync(join(place.path, `d${d}`));
      for (let f = 0; f < 100; f++) writeFileSync(join(place.path, `d${d}`, f === 99 ? 'last' : `${f}`), 'x');
    }
    expect(await count).toBeLessThan(200);
    await stop();
    place.remove();
  });

  it('in one directory that is watched is over soon after its last file', async () => {
    const place = newPlace();
    mkdirSync(join(place.path, 'd'));
    const { hint, count } = until('last');
    const stop = await watchDirectory(place.path, hint);
    for (let f = 0; f < 5_000; f++) writeFileSync(join(place.path, 'd', `${f}`), 'x');
    writeFileSync(join(place.path, 'last'), 'x');
    expect(await count).toBeLessThan(100);
    await stop();
    place.remove();
  });
});
