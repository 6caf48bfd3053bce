import { randomBytes } from 'node:crypto';
import events from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FrameHandler } from './frames.js';
import { settle, twoDevices, wiredDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

const mebibyte = 1_048_576;
/** In the middle of the transfer. */
const tamperedFrame = 40;

describe('a wire that', () => {
  it.each([
    ['flips a bit', once((frame) => [flipped(frame)])],
    ['cuts a frame short', once((frame) => [frame.subarray(0, frame.length >> 1)])],
    ['sends the longest frame, of noise', once((frame) => [longestFrame(), frame])],
    ['sends an empty frame', once((frame) => [Buffer.of(0, 0), frame])],
    ['repeats a frame', once((frame) => [frame, frame])],
    ['leaves a frame out', once(() => [])],
    ['swaps two frames', swap()],
  ] as const)('%s is found out, and nothing of it is believed', async (_, handler) => {
    const { ada, ben, adas, bens, wire } = await wiredDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'film.bin'), randomBytes(12 * mebibyte)),
      prepare: (wire) => wire.editFrames(handler),
    });
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(wire.ended).toBeGreaterThan(0);
    expect(conflictCopies(bens)).toEqual([]);
  });

  it('breaks again and again only takes longer', async () => {
    const { ada, ben, adas, bens, wire } = await wiredDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'film.bin'), randomBytes(32 * mebibyte)),
    });
    for (const bytes of [6, 12, 18, 24]) {
      await wire.freezeAfter(bytes * mebibyte);
      wire.thaw();
    }
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });

  it('carries nothing any more is given up for another', async () => {
    const { ada, ben, adas, bens, wire } = await wiredDevices();
    await settle(ada, ben);
    wire.stall();
    // Both have something to say, so both find out.
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'beans\n');
    fs.writeFileSync(path.join(bens, 'list.txt'), 'seeds\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });
});

describe('a stranger', () => {
  it('hears nothing from a device, whatever it says', async () => {
    const { ada, ben, adas, bens } = await twoDevices();
    const strangers = await Promise.all(
      [
        Buffer.alloc(0),
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        randomBytes(80),
        randomBytes(mebibyte),
        Buffer.alloc(80),
      ].map((bytes) => stranger(ada.address, bytes)),
    );
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'beans\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    for (const { socket, heard } of strangers) {
      expect(heard()).toBe(0);
      socket.destroy();
    }
  });

  it('gains nothing by repeating what it recorded', async () => {
    const said: Buffer[] = [];
    const { ada, ben, adas, bens, wire } = await wiredDevices({ prepare: (wire) => wire.record(said) });
    await settle(ada, ben);
    const { socket, heard } = await stranger(ada.address, Buffer.concat(said));
    expect(wire.bytesToTarget).toBeGreaterThan(144);
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'beans\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(heard()).toBe(0);
    expect((await ada.peers()).length).toBe(1);
    socket.destroy();
  });
});

/** Changes one frame. */
function once(change: (frame: Buffer) => readonly Buffer[]): FrameHandler {
  return (frame, index) => (index === tamperedFrame ? change(frame) : [frame]);
}

/** Sends a frame after the one that follows it. */
function swap(): FrameHandler {
  let late: Buffer = Buffer.alloc(0);
  return (frame, index) => {
    if (index === tamperedFrame) late = frame;
    if (index === tamperedFrame) return [];
    return index === tamperedFrame + 1 ? [frame, late] : [frame];
  };
}

function longestFrame(): Buffer {
  return Buffer.concat([Buffer.of(0xff, 0xff), randomBytes(0xffff)]);
}

function flipped(frame: Buffer): Buffer {
  const changed = Buffer.from(frame);
  const at = changed.length >> 1;
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
}

/** Somebody without a key who says something. */
async function stranger(address: string, bytes: Uint8Array): Promise<{ readonly socket: net.Socket; heard(): number }> {
  const [host = '', port = ''] = address.split(':');
  const socket = net.connect(Number(port), host);
  let heard = 0;
  socket.on('data', (piece) => {
    heard += piece.length;
  });
  socket.on('error', () => undefined);
  await events.once(socket, 'connect');
  socket.write(bytes);
  return { socket, heard: () => heard };
}
