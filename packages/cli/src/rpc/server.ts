import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { codeOf, detailsOf } from '../failure.js';
import { readJsonLines, writeJsonLine } from './lines.js';

export type Params = Readonly<Record<string, unknown>>;

export interface CallContext {
  /** Hands over what a method streams before it answers. Resolves when there is room for more. */
  readonly items: (items: readonly unknown[]) => Promise<void>;
  /** Aborted when the caller cancels or goes away. */
  readonly signal: AbortSignal;
}

export type Method = (params: Params, context: CallContext) => Promise<unknown>;

interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

interface Caller {
  readonly socket: Socket;
  readonly methods: Readonly<Record<string, Method>>;
  readonly calls: Map<number, AbortController>;
}

const codes = { invalidRequest: -32_600, methodNotFound: -32_601, failed: -32_000 } as const;
const callsMax = 256;

/**
 * Serves JSON-RPC 2.0, a JSON text a line, on a socket that only its user can open. Removes a socket left behind.
 * `close` hangs up on everybody once what was written has left.
 */
export async function serve(
  path: string,
  methods: Readonly<Record<string, Method>>,
): Promise<{ readonly close: () => void }> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serveSocket({ socket, methods, calls: new Map() });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return {
    close: () => {
      server.close();
      for (const socket of open) socket.destroySoon();
    },
  };
}

function serveSocket(caller: Caller): void {
  const { socket, calls } = caller;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const call of calls.values()) call.abort();
  });
  readJsonLines(socket, (value) => request(caller, value as Request));
}

function request(caller: Caller, { id, method, params }: Request): void {
  const { socket, methods, calls } = caller;
  const named = typeof params === 'object' && params !== null && !Array.isArray(params) ? (params as Params) : {};
  if (method === 'cancel') calls.get(named.id as number)?.abort();
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || calls.has(id) || calls.size >= callsMax) {
    if (method === 'cancel' && id === undefined) return;
    const message = `A call has a number of its own as id, and at most ${callsMax} are open at once.`;
    return refuse(socket, typeof id === 'number' ? id : null, { code: codes.invalidRequest, message });
  }
  if (method === 'cancel') return void writeJsonLine(socket, { jsonrpc: '2.0', id, result: {} });
  const act = typeof method === 'string' && Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (act === undefined) {
    return refuse(socket, id, { code: codes.methodNotFound, message: `There is no method "${String(method)}".` });
  }
  void carryOut(caller, id, act, named);
}

async function carryOut({ socket, calls }: Caller, id: number, act: Method, params: Params): Promise<void> {
  const call = new AbortController();
  calls.set(id, call);
  try {
    const { signal } = call;
    const result = await act(params, { signal, items: (items) => sendItems(socket, id, items, signal) });
    writeJsonLine(socket, { jsonrpc: '2.0', id, result: result ?? {} });
  } catch (error) {
    const data = { code: codeOf(error), details: detailsOf(error) };
    const message = error instanceof Error ? error.message : String(error);
    refuse(socket, id, { code: codes.failed, message, data });
  } finally {
    calls.delete(id);
  }
}

function refuse(socket: Socket, id: number | null, error: Params): void {
  writeJsonLine(socket, { jsonrpc: '2.0', id, error });
}

async function sendItems(socket: Socket, id: number, items: readonly unknown[], signal: AbortSignal): Promise<void> {
  if (writeJsonLine(socket, { jsonrpc: '2.0', method: 'items', params: { id, items } })) return;
  if (signal.aborted || !socket.writable) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    socket.once('drain', done);
    signal.addEventListener('abort', done);
  });
}
