/** Any writes, any chunking, any breaks: every message exactly once and in order, and the bounds hold. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concat } from '../../src/bytes.js';
import type { Path, Priority } from '../../src/channel/index.js';
import { inFlightPeerBytesMax } from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { attach, connect, nothing, type Side, settle, type World } from './world.js';

const crypto = nodeCrypto();

type Step =
  | { readonly do: 'open'; readonly side: 0 | 1; readonly priority: Priority }
  | { readonly do: 'send'; readonly side: 0 | 1; readonly stream: number; readonly bytes: number }
  | { readonly do: 'end'; readonly side: 0 | 1; readonly stream: number }
  | { readonly do: 'move'; readonly side: 0 | 1; readonly bytesMax: number; readonly cut: number }
  | { readonly do: 'consume'; readonly side: 0 | 1 }
  /** All bytes under way are lost with the path; one side dials again. */
  | { readonly do: 'break'; readonly side: 0 | 1 }
  /** A second path takes over while the first still carries bytes. */
  | { readonly do: 'switch'; readonly side: 0 | 1 };

const side = fc.constantFrom<0 | 1>(0, 1);
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open'), side, priority: fc.constantFrom<Priority>(0, 1, 2) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send'),
      side,
      stream: fc.nat(20),
      bytes: fc.oneof(fc.nat(50), fc.nat(70_000), fc.constant(1_114_112)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end'), side, stream: fc.nat(20) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('move'),
      side,
      bytesMax: fc.nat(300_000),
      cut: fc.integer({ min: 1, max: 90_000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('consume'), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break'), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('switch'), side }) },
) as fc.Arbitrary<Step>;

/** One direction of a path that another took over from. */
interface OldPath {
  readonly from: Side;
  readonly to: Side;
  readonly fromPath: Path;
  readonly toPath: Path;
  /** Written before the other path took over, and still under way. */
  readonly underWay: Uint8Array | undefined;
}

/** What was sent on each stream by each side, as numbers that the messages carry. */
interface Ledger {
  readonly streams: number[];
  readonly sent: Map<string, string[]>;
  readonly ended: Set<string>;
  readonly consumedTo: [number, number];
  /** Older paths with bytes under way, from the side that wrote them. */
  readonly old: OldPath[];
  count: number;
}

function message(count: number, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes + 4).fill(count & 0xff);
  new DataView(content.buffer).setUint32(0, count);
  return content;
}

function label(content: Uint8Array): string {
  return `${new DataView(content.buffer, content.byteOffset).getUint32(0)}:${content.length}:${content.at(-1)}`;
}

function play(world: World, ledger: Ledger, step: Step): void {
  const from = step.side === 0 ? world.a : world.b;
  const to = step.side === 0 ? world.b : world.a;
  switch (step.do) {
    case 'open':
      ledger.streams.push(from.connection.open(step.priority));
      return;
    case 'send':
    case 'end':
      write(from, ledger, step);
      return;
    case 'move':
      move(from, to, step.bytesMax, step.cut);
      return;
    case 'consume':
      consume(from, ledger, step.side);
      return;
    case 'break':
      breakPath(world, ledger, from, to);
      return;
    case 'switch': {
      ledger.old.push(oldPath(from, to), oldPath(to, from));
      const paths = attach(crypto, from, to, `switch ${ledger.count++}`);
      [from.path, to.path] = [paths.from, paths.to];
    }
  }
}

function oldPath(from: Side, to: Side): OldPath {
  const [fromPath, toPath] = [from.path as Path, to.path as Path];
  return { from, to, fromPath, toPath, underWay: from.connection.pull(fromPath, 150_000, 0) };
}

function write(from: Side, ledger: Ledger, step: Extract<Step, { do: 'send' | 'end' }>): void {
  const stream = ledger.streams[step.stream % Math.max(1, ledger.streams.length)];
  const key = `${from.name} ${stream}`;
  const known = stream !== undefined && (stream % 2 === (from.name === 'a' ? 1 : 0) || heardOf(from, stream));
  if (!known || ledger.ended.has(key)) return;
  if (step.do === 'end') {
    from.connection.end(stream);
    ledger.ended.add(key);
    return;
  }
  const content = message(ledger.count++, step.bytes % 1_114_109);
  from.connection.send(stream, content);
  ledger.sent.set(key, [...(ledger.sent.get(key) ?? []), label(content)]);
}

function heardOf(of: Side, stream: number): boolean {
  return of.of('opened').some((event) => event.stream === stream);
}

function move(from: Side, to: Side, bytesMax: number, cut: number): void {
  const bytes = from.connection.pull(from.path as Path, bytesMax, 0);
  if (bytes === undefined) return;
  for (let at = 0; at < bytes.length; at += cut) {
    const piece = bytes.slice(at, at + cut);
    to.take(to.connection.receive(to.path as Path, piece, 0));
    piece.fill(0xee);
  }
}

function consume(of: Side, ledger: Ledger, index: 0 | 1): void {
  const messages = of.of('message');
  for (const event of messages.slice(ledger.consumedTo[index])) of.connection.consumed(event.stream, event.costBytes);
  ledger.consumedTo[index] = messages.length;
}

function breakPath(world: World, ledger: Ledger, from: Side, to: Side): void {
  for (const lost of [world.a, world.b]) {
    lost.connection.pull(lost.path as Path, 200_000, 0);
    const paths = [lost.path as Path, ...ledger.old.flatMap((old) => (old.from === lost ? [old.fromPath] : []))];
    for (const path of paths) lost.take(lost.connection.lost(path, 0));
  }
  ledger.old.length = 0;
  const paths = attach(crypto, from, to, `break ${ledger.count++}`);
  [from.path, to.path] = [paths.from, paths.to];
}

/** Late bytes of older paths arrive last. */
function drainOld(ledger: Ledger): void {
  for (const { from, to, fromPath, toPath, underWay } of ledger.old) {
    const bytes = concat(underWay ?? nothing, from.connection.pull(fromPath, 1_000_000, 0) ?? nothing);
    if (bytes.length > 0) to.take(to.connection.receive(toPath, bytes, 0));
  }
}

function heldBytes(of: Side, ledger: Ledger, index: 0 | 1): number {
  const held = of.of('message').slice(ledger.consumedTo[index]);
  return held.reduce((sum, event) => sum + event.costBytes, 0);
}

it('[CON-14] [CON-20] whatever happens, every message arrives exactly once and in order on its stream', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { minLength: 10, maxLength: 60 }), (steps) => {
      const world = connect(crypto);
      world.a.consuming = false;
      world.b.consuming = false;
      const ledger: Ledger = { streams: [], sent: new Map(), ended: new Set(), consumedTo: [0, 0], old: [], count: 0 };
      for (const step of [{ do: 'open', side: 0, priority: 2 } as const, ...steps]) {
        play(world, ledger, step);
        expect(heldBytes(world.a, ledger, 0)).toBeLessThanOrEqual(inFlightPeerBytesMax);
        expect(heldBytes(world.b, ledger, 1)).toBeLessThanOrEqual(inFlightPeerBytesMax);
      }
      settle(world);
      drainOld(ledger);
      for (let round = 0; round < 40; round++) {
        consume(world.a, ledger, 0);
        consume(world.b, ledger, 1);
        settle(world);
      }
      for (const [key, labels] of ledger.sent) {
        const [name, stream] = key.split(' ');
        const receiver = name === 'a' ? world.b : world.a;
        expect(receiver.messages(Number(stream)).map(label)).toEqual(labels);
      }
      for (const key of ledger.ended) {
        const [name, stream] = key.split(' ');
        const receiver = name === 'a' ? world.b : world.a;
        expect(receiver.of('ended').filter((event) => event.stream === Number(stream))).toHaveLength(1);
      }
      expect([...world.a.of('closed'), ...world.b.of('closed')]).toEqual([]);
      expect(world.a.connection.queuedBytes() + world.b.connection.queuedBytes()).toBe(0);
    }),
    { numRuns: 120 },
  );
});
