import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { FolderId } from '../../src/model/index.js';
import { type NodeFiles, type NodeFilesOptions, nodeCrypto } from '../../src/node/index.js';
import type { FileStamp, FilesProvider, WatchHint } from '../../src/ports/index.js';
import { filesSuite } from '../../src/testing/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import { newPlace, personAt } from './world.js';

/** Threads load modules by themselves and know no sources: this is what `npm test` has built before. */
interface Built {
  readonly nodeFilesProvider: (options: NodeFilesOptions) => NodeFiles;
  readonly connectFiles: (port: ReturnType<NodeFiles['port']>) => FilesProvider;
}
const built = (await import(new URL('../../dist/node/index.js', import.meta.url).href)) as Built;

function suite(name: string, connect: (provider: NodeFiles) => FilesProvider): void {
  filesSuite(name, {
    runner: { describe, it },
    features: ['symlinks', 'executable'],
    make: () => {
      const place = newPlace();
      const [root, outside] = [join(place.path, 'root'), join(place.path, 'outside')];
      mkdirSync(root);
      mkdirSync(outside);
      const provider = built.nodeFilesProvider({ workers: 'threads' });
      const connected = connect(provider);
      return Promise.resolve({
        crypto: nodeCrypto(),
        person: personAt(root, outside),
        open: () => connected.open(root),
        close: async () => {
          await provider.close();
          place.remove();
        },
      });
    },
  });
}

suite('node files on threads', (provider) => provider);
suite('node files on threads, through a port', (provider) => built.connectFiles(provider.port()));

const folder = 'f0'.repeat(32) as FolderId;
const keys = { gear: new Uint8Array(32), convergence: new Uint8Array(32) };

describe('threads that work on files', () => {
  it('refuse what comes after they were closed', async () => {
    const provider = built.nodeFilesProvider({ workers: 'threads' });
    await provider.close();
    await expect(provider.open('/nowhere').listTemps()).rejects.toMatchObject({ code: 'closed' });
  });

  it('go on to watch when the one that watched has died', async () => {
    const workers: Worker[] = [];
    const keep = (worker: Worker): void => void workers.push(worker);
    process.on('worker', keep);
    const place = newPlace();
    const provider = built.nodeFilesProvider({ workers: 'threads' });
    const hints: WatchHint[] = [];
    const stop = await provider.open(place.path).watch((hint) => hints.push(hint));
    expect(workers).toHaveLength(1);
    await workers[0]?.terminate();
    await expect.poll(() => hints, { timeout: 10_000 }).toContainEqual({ paths: undefined });
    writeFileSync(join(place.path, 'a'), 'x');
    await expect.poll(() => hints.some(({ paths }) => paths?.includes('a') === true), { timeout: 10_000 }).toBe(true);
    await stop();
    await provider.close();
    process.off('worker', keep);
    place.remove();
  });

  it('hand over no more of a scan than is taken, through a port too', async () => {
    const place = newPlace();
    const rowsOfSlice = 512;
    for (let i = 0; i < 20 * rowsOfSlice; i++) writeFileSync(join(place.path, `${i}`), '');
    const provider = built.nodeFilesProvider({ workers: 'threads' });
    for (const files of [provider.open(place.path), built.connectFiles(provider.port()).open(place.path)]) {
      await files.claim(folder, true);
      const taken: (() => void)[] = [];
      let rows = 0;
      const over = files.scan('all', (slice: readonly DiskRow[]) => {
        rows += slice.length;
        return new Promise<void>((resolve) => taken.push(resolve));
      });
      await expect.poll(() => taken.length).toBeGreaterThan(0);
      // Between two slices the thread does other work: it could have handed over all of them meanwhile.
      for (let i = 0; i < 40; i++) await files.look(['0']);
      expect(rows).toBeLessThanOrEqual(6 * rowsOfSlice);
      const through = over.then(() => true);
      while (!(await Promise.race([through, Promise.resolve(false)]))) {
        taken.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(rows).toBe(20 * rowsOfSlice);
    }
    await provider.close();
    place.remove();
  });

  it('are one for little, more for much, and fewer when there is nothing to do', async () => {
    const running = new Set<Worker>();
    let started = 0;
    const keep = (worker: Worker): void => {
      started += 1;
      running.add(worker);
      worker.once('exit', () => running.delete(worker));
    };
    process.on('worker', keep);
    const place = newPlace();
    const provider = built.nodeFilesProvider({ workers: 'threads', idleMs: 50 });
    const files = provider.open(place.path);
    await files.claim(folder, true);
    for (let i = 0; i < 64; i++) writeFileSync(join(place.path, `${i}`), `${i}`);
    const [first] = await files.look(['0']);
    await files.hash('0', first as FileStamp, keys);
    expect(started).toBe(1);
    const rows = await files.look(Array.from({ length: 64 }, (_, i) => `${i}`));
    const hashed = await Promise.all(rows.map((row) => files.hash(row.path, row as FileStamp, keys)));
    expect(new Set(hashed.map(({ outcome }) => outcome))).toEqual(new Set(['hashed']));
    expect(started).toBeGreaterThan(1);
    await expect.poll(() => running.size, { timeout: 10_000 }).toBe(1);
    expect(await files.hash('0', first as FileStamp, keys)).toMatchObject({ outcome: 'hashed' });
    await provider.close();
    process.off('worker', keep);
    place.remove();
  });

  it('answer with the code of what went wrong', async () => {
    const provider = built.nodeFilesProvider({ workers: 'threads' });
    const prepare = provider.prepareRoot('/nowhere/at/all', { create: false, otherRoots: [] });
    await expect(prepare).rejects.toMatchObject({ code: 'not-found' });
    await provider.close();
  });
});
