import { afterEach, describe, expect, it } from 'vitest';
import { CloudlessError, type Device, openDevice } from '../../src/index.js';
import { type MemoryNetwork, memoryHost, memoryNetwork, memoryStorage } from '../../src/memory/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import type { Clock, Storage, Transport } from '../../src/ports/index.js';
import { noFiles, realClock, realRandom } from './kit.js';

const crypto = nodeCrypto();
const opened: Device[] = [];

afterEach(async () => {
  for (const device of opened.splice(0)) await device.close();
});

async function open(
  transport: Transport,
  clock: Clock = realClock,
  storage: Storage = memoryStorage(),
): Promise<Device> {
  const host = memoryHost({ crypto, clock, random: realRandom, storage, files: noFiles });
  const device = await openDevice(host, { transports: [transport] });
  opened.push(device);
  return device;
}

async function linkOf(device: Device): Promise<string> {
  const made = await device.run({ command: 'create', path: undefined, name: 'talk', kind: 'chat' });
  return (await device.invite((made as { readonly folder: string }).folder)).link;
}

/** A real clock that counts the calls that are still to come. */
function countingClock(): Clock & { pending: number } {
  const clock = {
    pending: 0,
    nowMs: () => realClock.nowMs(),
    after: (delayMs: number, call: () => void) => {
      clock.pending += 1;
      let over = false;
      const end = (): void => {
        if (!over) clock.pending -= 1;
        over = true;
      };
      const cancel = realClock.after(delayMs, () => {
        end();
        call();
      });
      return () => {
        end();
        cancel();
      };
    },
  };
  return clock;
}

function withDial(network: MemoryNetwork, name: string, dial: Transport['dial']): Transport {
  return { ...network.transport(name), dial };
}

describe('dials', () => {
  it('a transport that gives up late, or never, is a dial that failed', async () => {
    const network = memoryNetwork(realClock);
    const link = await linkOf(await open(network.transport('amy')));
    const late = withDial(network, 'betty', (_address, _open, timeoutMs) => {
      return new Promise((_resolve, reject) => {
        setTimeout(() => reject(new CloudlessError('timeout', 'late')), timeoutMs + 5);
      });
    });
    const never = withDial(network, 'carl', () => new Promise(() => undefined));
    for (const transport of [late, never]) {
      const device = await open(transport);
      await expect(device.join(link, '/talk', { timeoutMs: 40 })).rejects.toMatchObject({ code: 'timeout' });
    }
  });
});

describe('the end', () => {
  it('a device that cannot listen leaves nothing open', async () => {
    const network = memoryNetwork(realClock);
    const transport: Transport = {
      ...network.transport('amy'),
      listen: () => Promise.reject(new CloudlessError('io', 'something else listens there')),
    };
    const kept = memoryStorage();
    const open = { count: 0 };
    const storage: Storage = {
      names: () => kept.names(),
      identity: () => kept.identity(),
      remove: (name) => kept.remove(name),
      open: (name) => {
        const store = kept.open(name);
        open.count += 1;
        const close = store.close.bind(store);
        store.close = () => {
          open.count -= 1;
          close();
        };
        return store;
      },
    };
    const host = memoryHost({ crypto, clock: realClock, random: realRandom, storage, files: noFiles });
    await expect(openDevice(host, { transports: [transport] })).rejects.toMatchObject({ code: 'io' });
    expect(open.count).toBe(0);
  });

  it('a device that was closed answers nothing, and says so', async () => {
    const device = await open(memoryNetwork(realClock).transport('amy'));
    await device.close();
    await expect(device.run({ command: 'folders' })).rejects.toMatchObject({ code: 'closed' });
    await expect(device.tail('talk').next()).rejects.toMatchObject({ code: 'closed' });
    await expect(device.events().next()).rejects.toMatchObject({ code: 'closed' });
  });

  it('no timer outlives a device whose connection broke', async () => {
    const network = memoryNetwork(realClock);
    const link = await linkOf(await open(network.transport('amy')));
    const clock = countingClock();
    const betty = await open(network.transport('betty'), clock);
    await betty.join(link, '/talk');
    network.cut = true;
    network.break();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await betty.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.pending).toBe(0);
  });
});
