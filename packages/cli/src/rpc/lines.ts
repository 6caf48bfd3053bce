import type { Socket } from 'node:net';
import { Failure } from '../failure.js';

/** The longest line that either side reads. */
export const lineBytesMax = 16_777_216;
const newline = 10;

/** Calls back with each line of a socket, parsed as JSON. A line that is too long or no JSON ends the socket. */
export function readJsonLines(socket: Socket, line: (value: unknown) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (piece: Buffer): void => {
    length += piece.length;
    if (length > lineBytesMax) socket.destroy(new Failure('over-limit', 'A line is too long.'));
    else parts.push(piece);
  };
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0 && !socket.destroyed; end = rest.indexOf(newline)) {
      take(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      if (socket.destroyed) return;
      const value = parse(Buffer.concat(parts).toString('utf8'));
      parts = [];
      length = 0;
      if (value === undefined) return void socket.destroy(new Failure('malformed', 'A line is no JSON object.'));
      line(value);
    }
    if (!socket.destroyed && rest.length > 0) take(rest);
  });
}

/** Writes a value as one line; false asks to wait for `drain`. */
export function writeJsonLine(socket: Socket, value: unknown): boolean {
  return socket.writable && socket.write(`${JSON.stringify(value)}\n`);
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
