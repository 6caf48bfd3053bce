import { afterEach, describe, expect, it } from 'vitest';
import { utf8Text } from '../../src/bytes.js';
import { CloudlessError, type Device, type Folder, openDevice } from '../../src/index.js';
import {
  MemoryDisk,
  type MemoryNetwork,
  memoryFiles,
  memoryHost,
  memoryNetwork,
  memoryStorage,
} from '../../src/memory/index.js';
import { formatLink, parseLink } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import type { Files, TakeRows } from '../../src/ports/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import type { Clock, FilesProvider, StorageOf } from './kit.js';
import { noFiles, realClock, realRandom } from './kit.js';

const crypto = nodeCrypto();
const opened: Device[] = [];

afterEach(async () => {
  for (const device of opened.splice(0)) await device.close();
});

async function open(
  network: MemoryNetwork,
  name: string,
  storage: StorageOf = memoryStorage(),
  files: FilesProvider = noFiles,
): Promise<Device> {
  const clock: Clock = realClock;
  const host = memoryHost({ crypto, clock, random: realRandom, storage, files });
  const device = await openDevice(host, { transports: [network.transport(name)] });
  opened.push(device);
  return device;
}

async function chatOf(device: Device): Promise<Folder> {
  const made = (await device.run({ command: 'create', path: undefined, name: 'talk', kind: 'chat' })) as {
    readonly folder: string;
  };
  return device.folder(made.folder);
}

/** The first `count` items of a stream, as text. */
async function lines(folder: Folder, count: number): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const item of folder.log('notes').items({ follow: true })) {
    found.push(utf8Text(item.data));
    if (found.length === count) break;
  }
  return found;
}

describe('devices over real channels', () => {
  it('join by a link, exchange lines, come back after the network broke, with nothing lost or doubled', async () => {
    const network = memoryNetwork(realClock);
    const amy = await open(network, 'amy');
    const betty = await open(network, 'betty');
    const here = await chatOf(amy);
    const there = await betty.join((await here.invite()).link, '/talk');
    const heard = lines(there, 4);
    await here.log('notes').append('one');
    await here.log('notes').append('two');
    network.break();
    await here.log('notes').append('three');
    await there.log('notes').append('four');
    expect([...(await heard)].sort()).toEqual(['four', 'one', 'three', 'two']);
    expect([...(await lines(here, 4))].sort()).toEqual(['four', 'one', 'three', 'two']);
  });

  it('a device with another secret gets no answer', async () => {
    const network = memoryNetwork(realClock);
    const amy = await open(network, 'amy');
    const betty = await open(network, 'betty');
    const { link } = await (await chatOf(amy)).invite();
    const wrong = { ...parseLink(link), secret: new Uint8Array(16).fill(7) };
    const attempt = betty.join(formatLink(wrong as ReturnType<typeof parseLink>), '/talk', { timeoutMs: 300 });
    await expect(attempt).rejects.toThrow(CloudlessError);
    expect(await amy.run({ command: 'peers' })).toEqual([]);
    expect(await betty.run({ command: 'folders' })).toEqual([]);
  });

  it('bytes changed on the way end the path, never the data', async () => {
    const network = memoryNetwork(realClock);
    const amy = await open(network, 'amy');
    const betty = await open(network, 'betty');
    const here = await chatOf(amy);
    const there = await betty.join((await here.invite()).link, '/talk');
    let count = 0;
    network.tap = (_from, bytes) => {
      if (++count % 7 !== 0) return [bytes];
      const copy = bytes.slice();
      copy[count % copy.length] = (copy[count % copy.length] ?? 0) ^ 1;
      return [copy];
    };
    const heard = lines(there, 20);
    for (let i = 0; i < 20; i++) await here.log('notes').append(`line ${i}`);
    expect(await heard).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`));
  });
});

describe('a scan that finds much', () => {
  it('goes on once what it found was compared, and not while its folder is paused', async () => {
    const disk = new MemoryDisk();
    disk.makeDirectories('/photos');
    const plain = memoryFiles(disk, crypto);
    const begun = Promise.withResolvers<TakeRows>();
    const end = Promise.withResolvers<void>();
    const files: FilesProvider = {
      ...plain,
      open: (root) => {
        const inner = plain.open(root);
        const scan: Files['scan'] = async (paths, rows, rules) => {
          begun.resolve(rows);
          await end.promise;
          return inner.scan(paths, rows, rules);
        };
        return { ...inner, scan };
      },
    };
    const amy = await open(memoryNetwork(realClock), 'amy', memoryStorage(), files);
    const photos = await amy.createFolder('/photos');
    const rows = await begun.promise;
    await amy.run({ command: 'pause', folder: photos.id });
    let isTaken = false;
    const taken = Promise.resolve(rows([row('a')])).then(() => {
      isTaken = true;
    });
    for (let i = 0; i < 3; i++) await amy.run({ command: 'status', folder: undefined });
    expect(isTaken).toBe(false);
    await amy.run({ command: 'resume', folder: photos.id });
    await taken;
    end.resolve();
  });
});

function row(path: string): DiskRow {
  return { path, kind: 'file', size: 1, mtimeUs: 1, ctimeUs: 1, inode: '1' };
}
