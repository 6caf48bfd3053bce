// A device in a process of its own, for bench/run.mjs: `node device.mjs HOME`, told what to do over IPC.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { openDevice } from '../packages/core/dist/index.js';
import { nodeHost } from '../packages/core/dist/node/index.js';
import { tcp } from '../packages/net/dist/index.js';

// As the daemon does.
for (const bound of ['--max-semi-space-size=0', '--max-old-space-size=0']) setFlagsFromString(bound);
const device = await openDevice(nodeHost({ home: process.argv[2] }), { transports: [tcp()], listen: '127.0.0.1:0' });

const calls = {
  provider: () => device.providerName,
  create: async (path) => (await device.createFolder(path)).id,
  invite: async (folder) => (await device.folder(folder).invite()).link,
  join: async (link, path) => (await device.join(link, path)).id,
  inStep: (folder) => device.folder(folder).inStep({ timeoutMs: 600_000 }),
  peers: () => device.run({ command: 'peers' }),
  states: async () => (await device.run({ command: 'status', folder: undefined })).folders.map(({ state }) => state),
  bytes: () => statusKiB('VmRSS') * 1_024,
  peakBytes: () => statusKiB('VmHWM') * 1_024,
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  append: async (folder) => {
    await device.folder(folder).log('bench').append(`${process.hrtime.bigint()}`);
  },
  follow: (folder) => {
    follow(folder).catch((error) => error.code === 'closed' || process.send({ failed: error.message }));
  },
  close: async () => {
    await device.close();
    setImmediate(() => process.exit());
  },
};

function statusKiB(name) {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
}

/** Every line carries when it was handed to `append`, by the clock that all processes of a machine share. */
async function follow(folder) {
  for await (const item of device.folder(folder).log('bench').items({ follow: true })) {
    const sentNs = BigInt(Buffer.from(item.data).toString());
    process.send({ latencyMs: Number(process.hrtime.bigint() - sentNs) / 1e6 });
  }
}

process.on('message', async ({ id, call, args }) => {
  try {
    process.send({ id, result: await calls[call](...args) });
  } catch (error) {
    process.send({ id, error: error.message });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
