import type { Socket } from 'node:net';
import { CloudlessError } from '@cloudless/core';

const lineBytesMax = 16_777_216;
const newline = 10;

/** Calls back with each line of a socket, parsed as JSON. A line that is too long or no JSON ends the socket. */
export function readJsonLines(socket: Socket, line: (value: unknown) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      parts.push(rest.subarray(0, end));
      const text = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
      const value = parse(text);
      if (value === undefined) return void socket.destroy(new CloudlessError('malformed', 'A line is no JSON.'));
      line(value);
    }
    length += rest.length;
    if (length > lineBytesMax) return void socket.destroy(new CloudlessError('over-limit', 'A line is too long.'));
    if (rest.length > 0) parts.push(rest);
  });
}

export function writeJsonLine(socket: Socket, value: unknown): boolean {
  return socket.writable && socket.write(`${JSON.stringify(value)}\n`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
