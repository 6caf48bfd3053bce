import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../src/bytes.js';
import { memoryStorage } from '../../src/memory/index.js';
import { decodeMessage } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { Wire, type WiredDevice } from './wire.js';

const crypto = nodeCrypto();
const dayMs = 86_400_000;

function run<T>(wire: Wire, device: WiredDevice, command: Parameters<WiredDevice['command']>[0]): T {
  const id = device.command(command);
  wire.settle();
  const reply = device.replies.get(id);
  expect(reply?.message).toBeUndefined();
  return reply?.result as T;
}
function create(wire: Wire, device: WiredDevice): string {
  return run<{ folder: string }>(wire, device, { command: 'create', path: undefined, name: 'talk', kind: 'chat' }).folder;
}
function invite(wire: Wire, device: WiredDevice, folder: string): string {
  return run<{ link: string }>(wire, device, { command: 'invite', folder, level: 'write', ttlMs: dayMs }).link;
}
function answerTasks(wire: Wire, device: WiredDevice): void {
  for (const effect of device.effects.splice(0)) {
    if (effect.type !== 'task' || effect.work.task !== 'prepare-root') continue;
    device.post({ type: 'task-done', task: effect.task, result: { task: 'prepare-root', path: effect.work.path } });
  }
  wire.settle();
}
function join(wire: Wire, device: WiredDevice, code: string): number {
  const id = device.command({ command: 'join', code, path: undefined, parent: '/home', timeoutMs: 60_000 });
  wire.settle();
  answerTasks(wire, device);
  return id;
}
function read(wire: Wire, device: WiredDevice, folder: string): readonly (string | undefined)[] {
  const id = device.command({ command: 'tail', folder, stream: 'notes', follow: false });
  wire.settle();
  return device.items(id).map((item) => utf8Text(item.data));
}
function say(wire: Wire, device: WiredDevice, folder: string, ...lines: readonly string[]): void {
  run(wire, device, { command: 'append', folder, stream: 'notes', items: lines.map(utf8) });
}

describe('review', () => {
  it('a log followed from one who lost its author is asked of the author', () => {
    const wire = new Wire(crypto);
    const [amy, betty, carl] = ['amy', 'betty', 'carl'].map((n) => wire.add(n, memoryStorage())) as [WiredDevice, WiredDevice, WiredDevice];
    wire.settle();
    const folder = create(wire, amy);
    join(wire, betty, invite(wire, amy, folder));
    join(wire, carl, invite(wire, amy, folder));
    wire.pass(60_000);
    say(wire, betty, folder, 'one');
    wire.pass(5_000);
    expect(read(wire, carl, folder)).toEqual(['one']);
    // each of the others stops hearing from one side
    for (const deaf of [amy, carl]) {
      const other = deaf === amy ? 'carl' : 'amy';
      void other;
    }
    // carl's follow: whoever he follows betty's log from, that one falls silent towards betty
    const engine = carl.engine.folders()[0]!;
    // drop live entries to amy, so that amy never has them
    wire.tap = (from, bytes) => (from === amy && decodeMessage(bytes)?.type === 'entries' ? undefined : bytes);
    say(wire, betty, folder, 'two');
    wire.tap = (_f, b) => b;
    wire.pass(60_000);
    void engine;
    expect(read(wire, carl, folder)).toEqual(['one', 'two']);
  });

  it('create with a bad name', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    wire.settle();
    const id = amy.command({ command: 'create', path: '/x', name: 'a\u0000b', kind: 'files' });
    wire.settle();
    answerTasks(wire, amy);
    expect(amy.replies.get(id)?.code).toBeDefined();
  });

  it('append all or nothing', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    wire.settle();
    const folder = create(wire, amy);
    const items = [...Array.from({ length: 6 }, () => new Uint8Array(60_000)), new Uint8Array(70_000)];
    const id = amy.command({ command: 'append', folder, stream: 'notes', items });
    wire.settle();
    expect(amy.replies.get(id)?.code).toBe('over-limit');
    expect(read(wire, amy, folder)).toEqual([]);
  });

  it('twenty join at once', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    wire.settle();
    const folder = create(wire, amy);
    const links = Array.from({ length: 20 }, () => invite(wire, amy, folder));
    const others = links.map((_, i) => wire.add(`d${i}`, memoryStorage()));
    wire.settle();
    const ids = others.map((device, i) =>
      device.command({ command: 'join', code: links[i]!, path: undefined, parent: '/home', timeoutMs: 60_000 }),
    );
    wire.settle();
    for (const device of others) {
      for (const effect of device.effects.splice(0)) {
        if (effect.type !== 'task' || effect.work.task !== 'prepare-root') continue;
        device.post({ type: 'task-done', task: effect.task, result: { task: 'prepare-root', path: effect.work.path } });
      }
    }
    wire.settle();
    for (let i = 0; i < 20; i++) expect(others[i]!.replies.get(ids[i]!)?.message).toBeUndefined();
    expect(amy.engine.folders()[0]!.logs.membership.members.length).toBe(21);
    const name = { device: amy.engine.folders()[0]!.device, log: 'membership' } as const;
    expect(amy.engine.folders()[0]!.logs.membership.frontier(name).length).toBe(20);
    console.log('append next');
    const logs = amy.engine.folders()[0]!.logs;
    let n = 0;
    const add = logs.book.add.bind(logs.book);
    logs.book.add = (...args) => {
      if (++n > 50) throw new Error('endless');
      add(...args);
    };
    say(wire, amy, folder, 'hello');
    expect(read(wire, others[3]!, folder)).toEqual(['hello']);
    const more = wire.add('more', memoryStorage());
    wire.settle();
    const id = join(wire, more, invite(wire, amy, folder));
    expect(more.replies.get(id)?.message).toBeUndefined();
    expect(more.replies.get(id)?.result).toBeDefined();
  });

  it('streams with control characters', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    wire.settle();
    const folder = create(wire, amy);
    amy.engine.folders()[0]!.append(`a\u0000${'b'.repeat(60)}`, [utf8('x')]);
    for (const stream of ['a', undefined]) {
      const id = amy.command({ command: 'tail', folder, stream, follow: false });
      wire.settle();
      expect(amy.replies.get(id)?.result).toBeDefined();
    }
  });

  it('a waiter does not wait for a folder that could not be joined', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    const betty = wire.add('betty', memoryStorage());
    wire.settle();
    const folder = create(wire, amy);
    const link = invite(wire, amy, folder);
    betty.command({ command: 'join', code: link, path: undefined, parent: '/home', timeoutMs: 60_000 });
    wire.settle();
    const wait = betty.command({ command: 'wait', folder: undefined, timeoutMs: undefined });
    wire.settle();
    for (const effect of betty.effects.splice(0)) {
      if (effect.type !== 'task') continue;
      betty.post({ type: 'task-done', task: effect.task, result: { task: 'failed', code: 'io', reason: 'no' } });
    }
    wire.settle();
    expect(betty.engine.folders()).toEqual([]);
    expect(betty.replies.get(wait)?.result).toBeDefined();
  });

  it('after the clock went back a day, devices meet again soon', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    const betty = wire.add('betty', memoryStorage());
    wire.settle();
    const folder = create(wire, amy);
    join(wire, betty, invite(wire, amy, folder));
    wire.cut = true;
    wire.break();
    wire.pass(100_000);
    wire.nowMs -= dayMs / 2;
    wire.cut = false;
    wire.pass(60_000);
    say(wire, amy, folder, 'hello');
    expect(read(wire, betty, folder)).toEqual(['hello']);
  });
});
