const newline = 10;
const batchLinesMax = 4_096;

/** Lines of a stream, those that are there together, without their ends; a last line without an end counts. */
export async function* batchesOfLines(input: AsyncIterable<Buffer | string>): AsyncGenerator<readonly Buffer[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    let batch: Buffer[] = [];
    let start = 0;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline, start)) {
      batch.push(rest.subarray(start, end));
      start = end + 1;
      if (batch.length === batchLinesMax) {
        yield batch;
        batch = [];
      }
    }
    rest = rest.subarray(start);
    if (batch.length > 0) yield batch;
  }
  if (rest.length > 0) yield [rest];
}
