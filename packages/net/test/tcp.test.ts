import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import type { ByteStream, StreamHandler } from '@cloudless/core/ports';
import { transportSuite } from '@cloudless/core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatAddress, parseAddress, tcp } from '../src/index.js';

transportSuite({
  runner: { describe, it },
  make: async () => ({
    near: tcp(),
    far: tcp(),
    listenAt: '127.0.0.1:0',
    nowhere: '127.0.0.1:1',
    close: () => Promise.resolve(),
  }),
});

const quiet: StreamHandler = { received: () => undefined, drained: () => undefined, closed: () => undefined };

describe('addresses', () => {
  it.each([
    ['192.0.2.7:4041', '192.0.2.7', 4041],
    ['[2001:db8::1]:1', '2001:db8::1', 1],
    ['example.net:65535', 'example.net', 65_535],
  ])('%s is read and written', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(formatAddress(host, port)).toBe(text);
  });

  it.each(['', ':1', 'host', 'host:', 'host:65536', '2001:db8::1:1', '[::1]', 'host:1x', '[]:1'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  it('of a listener on all interfaces are those of the machine, loopback last', async () => {
    const listener = await tcp().listen('0.0.0.0:0', () => quiet);
    onTestFinished(() => listener.close());
    expect(listener.addresses.at(-1)).toMatch(/^127\./);
    expect(listener.addresses.join()).not.toContain('0.0.0.0');
    for (const address of listener.addresses) (await tcp().dial(address, () => quiet, 5_000)).close();
  });

  it('show a mapped IPv4 address as what it is', () => {
    expect(formatAddress('::ffff:192.0.2.1', 5)).toBe('192.0.2.1:5');
  });
});

describe('tcp', () => {
  it('says that a port is taken', async () => {
    const first = await tcp().listen('127.0.0.1:0', () => quiet);
    onTestFinished(() => first.close());
    const second = tcp().listen(first.addresses[0], () => quiet);
    await expect(second).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('listens there') });
  });

  it('gives up a dial that is not answered in time', async () => {
    const dialled = tcp().dial('192.0.2.1:9', () => quiet, 1);
    await expect(dialled).rejects.toMatchObject({ code: expect.stringMatching(/timeout|unreachable/) });
  });

  it('ends a stream whose other side only ends its half', async () => {
    const closed = Promise.withResolvers<string>();
    const listener = await tcp().listen('127.0.0.1:0', () => ({ ...quiet, closed: closed.resolve }));
    onTestFinished(() => listener.close());
    const { host, port } = parseAddress(listener.addresses[0] ?? '');
    const half = new Socket({ allowHalfOpen: true }).connect(port, host);
    half.end();
    expect(await closed.promise).not.toBe('');
    half.destroy();
  });

  it('sends what was written before it was closed', async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const connected = once(server, 'connection');
    const stream: ByteStream = await tcp().dial(`127.0.0.1:${port}`, () => quiet, 5_000);
    stream.write(new Uint8Array(500_000).fill(7));
    stream.close();
    const [socket] = (await connected) as [Socket];
    let length = 0;
    socket.on('data', (bytes: Buffer) => {
      length += bytes.length;
    });
    socket.resume();
    await once(socket, 'close');
    expect(length).toBe(500_000);
  });
});
