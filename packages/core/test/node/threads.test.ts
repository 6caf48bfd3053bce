import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type NodeFiles, nodeCrypto } from '../../src/node/index.js';
import type { FilesProvider, WatchHint } from '../../src/ports/index.js';
import { filesSuite } from '../../src/testing/index.js';
import { newPlace, personAt } from './world.js';

/** Threads load modules by themselves and know no sources: this is what `npm test` has built before. */
interface Built {
  readonly nodeFilesProvider: (options: { readonly workers: 'threads' | 'inline' }) => NodeFiles;
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

  it('answer with the code of what went wrong', async () => {
    const provider = built.nodeFilesProvider({ workers: 'threads' });
    const prepare = provider.prepareRoot('/nowhere/at/all', { create: false, otherRoots: [] });
    await expect(prepare).rejects.toMatchObject({ code: 'not-found' });
    await provider.close();
  });
});
