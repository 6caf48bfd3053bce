import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { CloudlessError } from '@cloudless/core';
import { readJsonLines, writeJsonLine } from './lines.js';

export interface CallContext {
  /** Hands over what a method streams before it answers. Resolves when there is room for more. */
  readonly items: (items: readonly unknown[]) => Promise<void>;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

export type Method = (params: Readonly<Record<string, unknown>>, context: CallContext) => Promise<unknown>;

interface Request {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

const codes = { invalidRequest: -32_600, methodNotFound: -32_601, failed: -32_000 } as const;

/** Serves JSON-RPC 2.0, a JSON text a line, on a socket that only its user can open. */
export async function serve(path: string, methods: Readonly<Record<string, Method>>): Promise<Server> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const server = createServer((socket) => serveSocket(socket, methods));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}

function serveSocket(socket: Socket, methods: Readonly<Record<string, Method>>): void {
  const gone = new AbortController();
  socket.on('error', () => undefined);
  socket.on('close', () => gone.abort());
  readJsonLines(socket, (value) => {
    const { id, method, params } = value as Request;
    const act = typeof method === 'string' && Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (typeof id !== 'number') return answer(socket, null, { code: codes.invalidRequest, message: 'A call has a numeric id.' });
    if (act === undefined) return answer(socket, id, { code: codes.methodNotFound, message: `There is no method ${String(method)}.` });
    const named = typeof params === 'object' && params !== null && !Array.isArray(params) ? params : {};
    void carryOut(socket, id, act, named as Readonly<Record<string, unknown>>, gone.signal);
  });
}

async function carryOut(
  socket: Socket,
  id: number,
  act: Method,
  params: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const result = await act(params, { signal, items: (items) => sendItems(socket, id, items, signal) });
    writeJsonLine(socket, { jsonrpc: '2.0', id, result: result ?? {} });
  } catch (error) {
    const known = error instanceof CloudlessError;
    const data = known ? { code: error.code, details: error.details } : { code: 'internal' };
    answer(socket, id, { code: codes.failed, message: error instanceof Error ? error.message : String(error), data });
  }
}

function answer(socket: Socket, id: number | null, error: Readonly<Record<string, unknown>>): void {
  writeJsonLine(socket, { jsonrpc: '2.0', id, error });
}

async function sendItems(socket: Socket, id: number, items: readonly unknown[], signal: AbortSignal): Promise<void> {
  if (writeJsonLine(socket, { jsonrpc: '2.0', method: 'items', params: { id, items } }) || signal.aborted) return;
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
