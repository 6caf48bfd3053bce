import { Failure } from './failure.js';

const batchLinesMax = 256;
const batchBytesMax = 1_048_576;
const lineBytesMax = 65_536;
const newline = 10;

/**
 * The lines of a stream of bytes in batches: what is there goes at once, without waiting for more. A last line
 * without its end counts. Throws `over-limit` for a line past 64 KiB.
 */
export async function* batches(source: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const { lines, rest: left } = split(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    rest = left;
    checkLength(rest);
    yield* groups(lines);
  }
  if (rest.length > 0) yield [rest];
}

function split(bytes: Buffer): { readonly lines: readonly Buffer[]; readonly rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    const line = bytes.subarray(start, end);
    checkLength(line);
    lines.push(line);
    start = end + 1;
  }
  return { lines, rest: bytes.subarray(start) };
}

function* groups(lines: readonly Buffer[]): Generator<readonly Buffer[]> {
  let group: Buffer[] = [];
  let size = 0;
  for (const line of lines) {
    if (group.length >= batchLinesMax || size + line.length > batchBytesMax) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(line);
    size += line.length;
  }
  if (group.length > 0) yield group;
}

function checkLength(line: Buffer): void {
  if (line.length <= lineBytesMax) return;
  const shown = line.subarray(0, 40).toString('utf8');
  throw new Failure('over-limit', `A line is longer than ${lineBytesMax} bytes; it begins with "${shown}". Split it.`);
}
