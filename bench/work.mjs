// What is copied: one large file, or many small ones.
import { spawnSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { mebibyte } from './stats.mjs';

const small = { filesEach: 100, bytes: 4_096 };

/** Writes one file of random bytes, flushed, into a directory that is made. */
export function writeBig(directory, bytes) {
  fs.mkdirSync(directory, { recursive: true });
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(mebibyte);
  const file = fs.openSync(path.join(directory, 'big.bin'), 'w');
  for (let left = bytes; left > 0; left -= zeros.length) fs.writeSync(file, stream.update(zeros.subarray(0, left)));
  fs.fsyncSync(file);
  fs.closeSync(file);
}

/** Writes files of 4 KiB, a hundred in a directory. */
export function writeSmall(directory, files) {
  for (let begin = 0; begin < files; begin += small.filesEach) {
    const inside = path.join(directory, `d${String(begin / small.filesEach).padStart(3, '0')}`);
    const count = Math.min(small.filesEach, files - begin);
    const random = randomBytes(count * small.bytes);
    fs.mkdirSync(inside, { recursive: true });
    for (let file = 0; file < count; file++) {
      const bytes = random.subarray(file * small.bytes, (file + 1) * small.bytes);
      fs.writeFileSync(path.join(inside, `f${file}.bin`), bytes);
    }
  }
}

export function expectEqual(one, other) {
  const result = spawnSync('diff', ['-rq', '--exclude=.cloudless', one, other], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the sides differ: ${result.stdout}${result.stderr}`);
}
