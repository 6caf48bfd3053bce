import { concat } from '../bytes.js';
import type { ByteStream, Listener, StreamHandler, Transport } from '../ports/index.js';
import { codeOf, expectEqual, expectThat, runCases, type SuiteCase, type SuiteRunner, seededBytes } from './suite.js';

export interface TransportWorld {
  /** Two devices that can reach each other. */
  readonly near: Transport;
  readonly far: Transport;
  /** Where `far` listens. */
  readonly listenAt: string | undefined;
  /** An address at which nobody listens. */
  readonly nowhere: string;
  close(): Promise<void>;
}

export interface TransportSuiteOptions {
  readonly runner: SuiteRunner;
  /** Each case gets its own. */
  readonly make: () => Promise<TransportWorld>;
}

const dialTimeoutMs = 5_000;
const bulkBytes = 8_388_608;
const pieceBytes = 65_536;

/** One end of a stream, with what happened at it. */
class End implements StreamHandler {
  readonly stream: ByteStream;
  readonly reasons: string[] = [];
  drains = 0;
  readonly #pieces: Uint8Array[] = [];
  readonly #watchers = new Set<() => void>();
  #length = 0;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  get length(): number {
    return this.#length;
  }

  received(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice());
    this.#length += bytes.length;
    this.#changed();
  }

  drained(): void {
    this.drains++;
    this.#changed();
  }

  closed(reason: string): void {
    this.reasons.push(reason);
    this.#changed();
  }

  bytes(): Uint8Array {
    return concat(...this.#pieces);
  }

  /** Resolves once that is so. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look();
  }
}

interface Pair {
  readonly listener: Listener;
  readonly near: End;
  readonly far: End;
}

async function connect(world: TransportWorld): Promise<Pair> {
  const accepted = Promise.withResolvers<End>();
  const listener = await world.far.listen(world.listenAt, (stream) => {
    const end = new End(stream);
    accepted.resolve(end);
    return end;
  });
  const near = await dial(world, listener);
  return { listener, near, far: await accepted.promise };
}

async function dial(world: TransportWorld, listener: Listener): Promise<End> {
  const ends: End[] = [];
  const open = (stream: ByteStream): StreamHandler => {
    const end = new End(stream);
    ends.push(end);
    return end;
  };
  await world.near.dial(listener.addresses[0] ?? '', open, dialTimeoutMs);
  const [end] = ends;
  expectThat(end !== undefined && ends.length === 1, 'a dial asks for one handler');
  return end;
}

/** Writes all of it, waiting whenever the stream asks to. */
async function send(end: End, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const before = end.drains;
    if (!end.stream.write(bytes.slice(at, at + pieceBytes))) await end.until(() => end.drains > before);
  }
}

async function delivered(from: End, to: End, bytes: Uint8Array): Promise<void> {
  const before = to.length;
  await send(from, bytes);
  await to.until(() => to.length >= before + bytes.length);
  expectEqual(to.bytes().slice(before), bytes, 'what arrived');
}

const byteCases: readonly SuiteCase<TransportWorld>[] = [
  {
    name: 'brings bytes in order, both ways',
    run: async (world) => {
      const { near, far } = await connect(world);
      for (const length of [1, 2, 1_000, 70_000]) {
        await delivered(near, far, seededBytes(length, length));
        await delivered(far, near, seededBytes(length, length + 1));
      }
    },
  },
  {
    name: 'brings much, and says when to wait and when to go on',
    run: async (world) => {
      const { near, far } = await connect(world);
      await delivered(near, far, seededBytes(bulkBytes, 1));
    },
  },
  {
    name: 'delivers nothing while paused, and everything afterwards',
    run: async (world) => {
      const { near, far } = await connect(world);
      far.stream.pause();
      const sending = send(near, seededBytes(bulkBytes, 2));
      await delivered(far, near, seededBytes(1_000, 3));
      expectEqual(far.length, 0, 'delivered while paused');
      far.stream.resume();
      await sending;
      await far.until(() => far.length >= bulkBytes);
      expectEqual(far.bytes(), seededBytes(bulkBytes, 2), 'what arrived');
    },
  },
  {
    name: 'keeps streams apart',
    run: async (world) => {
      const far: End[] = [];
      const listener = await world.far.listen(world.listenAt, (stream) => {
        const end = new End(stream);
        far.push(end);
        return end;
      });
      const ends = [await dial(world, listener), await dial(world, listener), await dial(world, listener)];
      await Promise.all(ends.map((end, i) => send(end, Uint8Array.of(i, i, i))));
      for (const end of far) await end.until(() => end.length >= 3);
      const arrived = far.map((end) => [...end.bytes()].join()).sort();
      expectEqual(arrived, ['0,0,0', '1,1,1', '2,2,2'], 'what arrived');
      await listener.close();
    },
  },
];

const endCases: readonly SuiteCase<TransportWorld>[] = [
  {
    name: 'tells both ends once, with a reason, when one closes',
    run: async (world) => {
      const { near, far } = await connect(world);
      near.stream.close();
      for (const end of [near, far]) {
        await end.until(() => end.reasons.length > 0);
        expectThat((end.reasons[0] ?? '').length > 0, 'there is a reason');
      }
      near.stream.close();
      far.stream.close();
      near.stream.write(Uint8Array.of(1));
      expectEqual([near.reasons.length, far.reasons.length], [1, 1], 'times told');
    },
  },
  {
    name: 'gives addresses that can be dialled, and none of them once closed',
    run: async (world) => {
      const { listener, near } = await connect(world);
      const [address = ''] = listener.addresses;
      near.stream.close();
      await near.until(() => near.reasons.length > 0);
      await listener.close();
      const code = await codeOf(() => world.near.dial(address, (stream) => new End(stream), dialTimeoutMs));
      expectEqual(code, 'unreachable', 'the refusal');
    },
  },
  {
    name: 'rejects a dial to where nobody listens',
    run: async (world) => {
      const code = await codeOf(() => world.near.dial(world.nowhere, (stream) => new End(stream), dialTimeoutMs));
      expectEqual(code, 'unreachable', 'the refusal');
    },
  },
];

/** What every `Transport` promises (`ports/transport.ts`). */
export function transportSuite({ runner, make }: TransportSuiteOptions): void {
  const world = { features: new Set<string>(), make };
  runCases(runner, 'streams of a transport', byteCases, world);
  runCases(runner, 'ends of a transport', endCases, world);
}
