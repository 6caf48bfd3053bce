import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { Failure } from '../src/failure.js';
import { connectClient } from '../src/rpc/client.js';
import { lineBytesMax } from '../src/rpc/lines.js';
import { type Method, serve } from '../src/rpc/server.js';

async function serving(methods: Readonly<Record<string, Method>>): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudless-rpc-'));
  const path = join(directory, 'control.sock');
  writeFileSync(path, 'left behind');
  const server = await serve(path, methods);
  onTestFinished(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  return path;
}

async function raw(path: string): Promise<Socket> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends texts as they are; gives the first lines of the answer. */
async function talk(path: string, count: number, ...texts: readonly string[]): Promise<readonly unknown[]> {
  const socket = await raw(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  for (const text of texts) socket.write(text);
  const answers: unknown[] = [];
  while (answers.length < count) answers.push(JSON.parse((await lines.next()).value as string));
  return answers;
}

it('answers calls, several at once, each with its result', async () => {
  const path = await serving({ echo: (params) => Promise.resolve(params) });
  const client = await connectClient(path);
  onTestFinished(() => client.close());
  const calls = [1, 2, 3].map((n) => client.call('echo', { n }));
  expect(await Promise.all(calls)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it('is open to its user only, and takes the place of a socket left behind', async () => {
  expect(statSync(await serving({})).mode & 0o777).toBe(0o600);
});

it('carries the code and the facts of a failure', async () => {
  const path = await serving({ fail: () => Promise.reject(new Failure('timeout', 'too late', { after: 3 })) });
  const client = await connectClient(path);
  onTestFinished(() => client.close());
  await expect(client.call('fail')).rejects.toMatchObject({
    code: 'timeout',
    message: 'too late',
    details: { after: 3 },
  });
});

it('refuses what is no call, in words of JSON-RPC', async () => {
  const path = await serving({ echo: (params) => Promise.resolve(params) });
  const texts = ['{"method":"echo"}\n', '{"id":1,"method":"nope"}\n', '{"id":2,"method":"toString"}\n', '[]\n'];
  const answers = await talk(path, 4, ...texts);
  const codes = [-32_600, -32_601, -32_601, -32_600];
  expect(answers).toMatchObject(codes.map((code) => ({ jsonrpc: '2.0', error: { code } })));
});

it.each([
  ['no JSON', 'hello\n'],
  ['no object', '17\n'],
  ['a line without end', 'x'.repeat(lineBytesMax + 1)],
])('hangs up on %s', async (_, text) => {
  const socket = await raw(await serving({}));
  socket.on('error', () => undefined);
  socket.write(text);
  socket.resume();
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

it('streams items before the answer, in order', async () => {
  const count: Method = async (_params, { items }) => {
    for (let n = 0; n < 1_000; n += 2) await items([n, n + 1]);
    return { done: true };
  };
  const client = await connectClient(await serving({ count }));
  onTestFinished(() => client.close());
  const seen: unknown[] = [];
  expect(await client.call('count', {}, (item) => seen.push(item))).toEqual({ done: true });
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});

it('makes a method wait for a reader that does not read', async () => {
  let sent = 0;
  const flood: Method = async (_params, { items, signal }) => {
    for (; !signal.aborted; sent++) await items(['x'.repeat(65_536)]);
  };
  const client = await connectClient(await serving({ flood }));
  const first = Promise.withResolvers<void>();
  client
    .call('flood', {}, () => {
      client.pause();
      first.resolve();
    })
    .catch(() => undefined);
  await first.promise;
  client.close();
  expect(sent).toBeLessThan(1_000);
});

it('tells a method when its caller cancels or leaves', async () => {
  const aborted: unknown[] = [];
  const watch: Method = async ({ name }, { signal }) => {
    await once(signal, 'abort');
    aborted.push(name);
  };
  const path = await serving({ watch });
  const [cancelled] = await talk(
    path,
    1,
    '{"id":7,"method":"watch","params":{"name":"cancelled"}}\n',
    '{"method":"cancel","params":{"id":7}}\n',
  );
  expect(cancelled).toEqual({ jsonrpc: '2.0', id: 7, result: {} });
  expect(aborted).toEqual(['cancelled']);
});
