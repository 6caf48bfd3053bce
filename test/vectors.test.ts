import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from './tidy/source.js';

const run = promisify(execFile);

it('the vectors are what their generators make', async () => {
  const { stdout } = await run(process.execPath, [path.join(root, 'scripts/vectors.mjs'), '--check'], { cwd: root });
  expect(stdout).toMatch(/^\d+ vectors, 0 differ$/m);
});
