import { hostname } from 'node:os';
import { type Device, CloudlessError, type Level, type StreamItem } from '@cloudless/core';
import type { Method } from '../rpc/server.js';

type Params = Readonly<Record<string, unknown>>;

const levels: readonly string[] = ['admin', 'write', 'read', 'store'];
const dayMs = 86_400_000;
const joinTimeoutMs = 60_000;
const nameKey = 'name';

/** The control API: each method is a command of the device, checked (`docs/control-api.md`). */
export function methodsOf(device: Device, stop: () => void): Readonly<Record<string, Method>> {
  const run = device.run.bind(device);
  const info = async (): Promise<unknown> => ({
    pid: process.pid,
    device: await deviceName(device),
    listen: device.listening,
    crypto: device.providerName,
  });
  return {
    info,
    stop: async () => {
      setImmediate(stop);
      return Promise.resolve({});
    },
    create: (p) => run({ command: 'create', path: textOf(p, 'path'), name: optionalText(p, 'name'), kind: 'files' }),
    invite: (p) => run({ command: 'invite', folder: textOf(p, 'folder'), level: levelOf(p), ttlMs: numberOf(p, 'ttlMs', dayMs) }),
    join: (p) =>
      run({
        command: 'join',
        code: textOf(p, 'code'),
        path: optionalText(p, 'path'),
        parent: textOf(p, 'parent'),
        timeoutMs: numberOf(p, 'timeoutMs', joinTimeoutMs),
      }),
    folders: () => run({ command: 'folders' }),
    status: (p) => run({ command: 'status', folder: optionalText(p, 'folder') }),
    wait: (p) => run({ command: 'wait', folder: optionalText(p, 'folder'), timeoutMs: optionalNumber(p, 'timeoutMs') }),
    peers: () => run({ command: 'peers' }),
    why: (p) => run({ command: 'why', path: textOf(p, 'path') }),
    append: (p) => run({ command: 'append', folder: textOf(p, 'folder'), stream: textOf(p, 'stream'), items: itemsOf(p) }),
    tail: (p, context) => tail(device, p, context),
    'log-files': (p) => run({ command: 'log-files', folder: textOf(p, 'folder'), stream: textOf(p, 'stream'), on: p.on === true }),
    config: (p) => run({ command: 'config', key: optionalText(p, 'key'), value: optionalText(p, 'value') }),
    doctor: async () => ({ ...((await info()) as object), folders: await run({ command: 'doctor' }) }),
  };
}

async function deviceName(device: Device): Promise<string> {
  const settings = (await device.run({ command: 'config', key: undefined, value: undefined })) as Record<string, string>;
  return settings[nameKey] ?? hostname();
}

async function tail(device: Device, params: Params, context: Parameters<Method>[1]): Promise<unknown> {
  const options = { stream: optionalText(params, 'stream'), follow: params.follow === true };
  const items = device.tail(textOf(params, 'folder'), options);
  const leave = (): void => void items.return?.();
  context.signal.addEventListener('abort', leave);
  try {
    for await (const item of items) await context.items([toWire(item)]);
  } finally {
    context.signal.removeEventListener('abort', leave);
  }
  return {};
}

function toWire(item: StreamItem): unknown {
  const { device, stream, seq, index, timeMs, data } = item;
  return { device, stream, seq, index, time: new Date(timeMs).toISOString(), data: Buffer.from(data).toString('base64') };
}

function itemsOf(params: Params): readonly Uint8Array[] {
  const { items } = params;
  if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) {
    throw new CloudlessError('usage', '"items" is a list of base64 texts.');
  }
  return items.map((item: string) => new Uint8Array(Buffer.from(item, 'base64')));
}

function levelOf(params: Params): Level {
  const level = optionalText(params, 'level') ?? 'write';
  if (!levels.includes(level)) throw new CloudlessError('usage', `"${level}" is no level; there are ${levels.join(', ')}.`);
  return level as Level;
}

function textOf(params: Params, name: string): string {
  const text = optionalText(params, name);
  if (text === undefined) throw new CloudlessError('usage', `"${name}" is missing.`);
  return text;
}

function optionalText(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new CloudlessError('usage', `"${name}" is a text.`);
  return value;
}

function numberOf(params: Params, name: string, otherwise: number): number {
  return optionalNumber(params, name) ?? otherwise;
}

function optionalNumber(params: Params, name: string): number | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new CloudlessError('usage', `"${name}" is a number.`);
  return value;
}
