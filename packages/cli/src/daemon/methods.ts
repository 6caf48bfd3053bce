import { hostname } from 'node:os';
import type { Device } from '@cloudless/core';
import type { Method, Params } from '../rpc/server.js';
import { checkSetting } from '../settings.js';
import { itemsOf, keepOf, levelOf, optionalNumber, optionalText, textOf, textsOf } from './params.js';
import { itemToWire, streamTo } from './streaming.js';

const dayMs = 86_400_000;
const joinTimeoutMs = 60_000;

/** The control API: methods are commands of the device, their parameters checked (`docs/control-api.md`). */
export function methodsOf(device: Device, stop: () => void): Readonly<Record<string, Method>> {
  return { ...ownMethods(device, stop), ...folderMethods(device), ...logMethods(device) };
}

/** What `up` shows. */
export async function describe(device: Device): Promise<Readonly<Record<string, unknown>>> {
  const settings = (await device.run({ command: 'config', key: 'name', value: undefined })) as Params;
  return {
    pid: process.pid,
    device: settings.name ?? hostname(),
    listen: device.listening,
    crypto: device.providerName,
  };
}

function ownMethods(device: Device, stop: () => void): Readonly<Record<string, Method>> {
  return {
    info: () => describe(device),
    stop: () => {
      setImmediate(stop);
      return Promise.resolve({});
    },
    config: async (p) => {
      const [key, value] = [optionalText(p, 'key'), optionalText(p, 'value')];
      if (key !== undefined) checkSetting(key, value);
      return device.run({ command: 'config', key, value });
    },
    doctor: async (p) => {
      const folders = await device.run({ command: 'doctor', quick: p.quick === true });
      return { ...(await describe(device)), folders };
    },
    peers: () => device.run({ command: 'peers' }),
    events: async (_p, context) => {
      await streamTo(device.events(), context, (event) => event);
      return {};
    },
  };
}

function folderMethods(device: Device): Readonly<Record<string, Method>> {
  const run = device.run.bind(device);
  return {
    create: (p) => run({ command: 'create', path: textOf(p, 'path'), name: optionalText(p, 'name'), kind: 'files' }),
    invite: (p) => {
      const ttlMs = optionalNumber(p, 'ttlMs') ?? dayMs;
      const memberMs = optionalNumber(p, 'memberMs');
      return run({ command: 'invite', folder: textOf(p, 'folder'), level: levelOf(p), ttlMs, memberMs });
    },
    codes: (p) => run({ command: 'codes', folder: textOf(p, 'folder') }),
    revoke: (p) => run({ command: 'revoke', folder: textOf(p, 'folder'), code: textOf(p, 'code') }),
    join: (p) =>
      run({
        command: 'join',
        code: textOf(p, 'code'),
        path: optionalText(p, 'path'),
        parent: textOf(p, 'parent'),
        timeoutMs: optionalNumber(p, 'timeoutMs') ?? joinTimeoutMs,
      }),
    relink: (p) => {
      const [folder, path] = [textOf(p, 'folder'), textOf(p, 'path')];
      return run({ command: 'relink', folder, path, merge: p.merge === true });
    },
    leave: (p) => run({ command: 'leave', folder: textOf(p, 'folder'), erase: p.erase === true }),
    members: (p) => run({ command: 'members', folder: textOf(p, 'folder') }),
    kick: (p) => run({ command: 'kick', folder: textOf(p, 'folder'), person: textOf(p, 'person') }),
    rank: (p) => {
      const [folder, person] = [textOf(p, 'folder'), textOf(p, 'person')];
      textOf(p, 'level');
      return run({ command: 'rank', folder, person, level: levelOf(p) });
    },
    policy: (p) => {
      const [key, value] = [optionalText(p, 'key'), optionalText(p, 'value')];
      return run({ command: 'policy', folder: textOf(p, 'folder'), key, value });
    },
    rotate: (p) => run({ command: 'rotate', folder: textOf(p, 'folder') }),
    folders: () => run({ command: 'folders' }),
    status: (p) => run({ command: 'status', folder: optionalText(p, 'folder') }),
    wait: (p) => run({ command: 'wait', folder: optionalText(p, 'folder'), timeoutMs: optionalNumber(p, 'timeoutMs') }),
    pause: (p) => run({ command: 'pause', folder: optionalText(p, 'folder') }),
    resume: (p) => run({ command: 'resume', folder: optionalText(p, 'folder') }),
    limit: (p) => run({ command: 'limit', up: optionalNumber(p, 'up'), down: optionalNumber(p, 'down') }),
    conflicts: (p) => run({ command: 'conflicts', folder: optionalText(p, 'folder') }),
    resolve: (p) => run({ command: 'resolve', path: textOf(p, 'path'), keep: keepOf(p) }),
    revert: (p) => run({ command: 'revert', paths: textsOf(p, 'paths') }),
    ignore: (p) => {
      const [local, remove] = [p.local === true, p.remove === true];
      return run({ command: 'ignore', folder: textOf(p, 'folder'), local, remove, patterns: textsOf(p, 'patterns') });
    },
    want: (p) => {
      const [remove, patterns] = [p.remove === true, textsOf(p, 'patterns')];
      return run({ command: 'want', folder: textOf(p, 'folder'), remove, patterns });
    },
    plan: (p) => run({ command: 'plan', folder: textOf(p, 'folder'), after: optionalText(p, 'after') }),
    approve: (p) => run({ command: 'approve', folder: textOf(p, 'folder') }),
    reject: (p) => run({ command: 'reject', folder: textOf(p, 'folder') }),
    history: (p) => run({ command: 'history', path: textOf(p, 'path') }),
    restore: (p) => {
      const [version, to] = [optionalText(p, 'version'), optionalText(p, 'to')];
      return run({ command: 'restore', path: textOf(p, 'path'), version, to });
    },
    why: (p) => run({ command: 'why', path: textOf(p, 'path') }),
  };
}

function logMethods(device: Device): Readonly<Record<string, Method>> {
  return {
    append: (p) => {
      const [folder, stream] = [textOf(p, 'folder'), textOf(p, 'stream')];
      return device.run({ command: 'append', folder, stream, items: itemsOf(p) });
    },
    tail: async (p, context) => {
      const options = { stream: optionalText(p, 'stream'), follow: p.follow === true };
      await streamTo(device.tail(textOf(p, 'folder'), options), context, itemToWire);
      return {};
    },
    'log-files': (p) => {
      const [folder, stream] = [textOf(p, 'folder'), textOf(p, 'stream')];
      return device.run({ command: 'log-files', folder, stream, on: p.on === true });
    },
  };
}
