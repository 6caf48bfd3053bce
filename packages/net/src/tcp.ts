import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CloudlessError } from '@cloudless/core';
import type { ByteStream, Listener, StreamHandler, Transport } from '@cloudless/core/ports';

const defaultAddress = '0.0.0.0:0';
const writableHighWaterMark = 1_048_576;
const largeBytes = 16_384;
/** How long what was written may take to leave after `close`. */
const lingerMs = 5_000;

/** Streams over TCP. Nagle's delay is off; a write that does not fit the socket's buffer asks to wait for `drained`. */
export function tcp(): Transport {
  return { name: 'tcp', listen: listenTcp, dial: dialTcp };
}

async function listenTcp(
  address: string | undefined,
  accept: (stream: ByteStream) => StreamHandler,
): Promise<Listener> {
  const { host, port } = parseAddress(address ?? defaultAddress);
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, highWaterMark: writableHighWaterMark }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, accept);
  });
  const bound = await listening(server, host, port);
  return {
    addresses: dialable(host, bound),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'something else listens there' : error.message;
      reject(new CloudlessError('io', `Cannot listen on ${formatAddress(host, port)}: ${why}.`, { cause: error }));
    });
    server.listen({ host, port }, () => {
      // What goes wrong with one connection later is no reason to stop listening.
      server.on('error', () => undefined);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function dialTcp(address: string, open: (stream: ByteStream) => StreamHandler, timeoutMs: number): Promise<ByteStream> {
  const { host, port } = parseAddress(address);
  const socket = connect({ host, port, noDelay: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new CloudlessError('timeout', `${address} did not answer`)), timeoutMs);
    const fail = (error: CloudlessError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const refused = (error: NodeJS.ErrnoException): void =>
      fail(new CloudlessError('unreachable', `${address}: ${reasonOf(error)}`, { cause: error }));
    socket.once('error', refused);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', refused);
      resolve(serve(socket, open));
    });
  });
}

/** Ties a connected socket to its handler. */
function serve(socket: Socket, open: (stream: ByteStream) => StreamHandler): ByteStream {
  const stream: ByteStream = {
    remoteAddress: formatAddress(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0),
    path: 'direct',
    write: (bytes) => socket.writable && write(socket, bytes),
    close: () => {
      reason = 'closed here';
      socket.destroySoon();
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => clearTimeout(timer));
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  };
  let reason = 'the other side closed the connection';
  const handler = open(stream);
  socket.on('data', (bytes) => {
    // Not as a `Buffer`, whose `slice` copies nothing.
    handler.received(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    if (bytes.length >= largeBytes) giveBack(bytes);
  });
  socket.on('drain', () => handler.drained());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = reasonOf(error);
  });
  socket.on('end', () => socket.end());
  socket.once('close', () => handler.closed(reason));
  return stream;
}

/** The memory under what is much is given back once it is out. */
function write(socket: Socket, bytes: Uint8Array): boolean {
  return bytes.length < largeBytes ? socket.write(bytes) : socket.write(bytes, () => giveBack(bytes));
}

/** Else the collector, who sees how much is in use, would be at it all the time. */
function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nobody listens there',
    ECONNRESET: 'the connection was reset',
    EHOSTUNREACH: 'no way there',
    ENETUNREACH: 'no network',
    ENOTFOUND: 'no such host',
    ETIMEDOUT: 'no answer',
  };
  return words[error.code ?? ''] ?? error.message;
}

/** Host and port of `host:port` or `[v6]:port`. Throws `usage`. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new CloudlessError('usage', `"${address}" is not an address: HOST:PORT is.`);
  return { host: (match[1] ?? match[2]) as string, port };
}

export function formatAddress(host: string, port: number): string {
  const plain = host.startsWith('::ffff:') ? host.slice(7) : host;
  return isIP(plain) === 6 ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** Addresses under which a listener can be dialled: those of the machine where it listens on all, loopback last. */
function dialable(host: string, port: number): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [formatAddress(host, port)];
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const family = host === '0.0.0.0' ? ['IPv4'] : ['IPv4', 'IPv6'];
  const usable = all.filter((each) => family.includes(each.family) && !each.address.startsWith('fe80:'));
  const sorted = [...usable.filter((each) => !each.internal), ...usable.filter((each) => each.internal)];
  return sorted.map((each) => formatAddress(each.address, port));
}
