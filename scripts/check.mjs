// Everything that is judged without running the product: style, types, unused code, packages, shape.
// Each step runs whatever the others said, so one run shows all there is to repair.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { programPath, root } from './bootstrap.mjs';

const published = fs.readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);

// Types first: the build it leaves is what later steps look at.
const steps = [
  { name: 'types', program: 'tsc', args: ['-b'] },
  { name: 'lint', program: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'unused', program: 'knip', args: ['--no-progress'] },
  ...published.map((dir) => ({
    name: `package ${dir}`,
    program: 'publint',
    args: ['run', dir, '--pack', 'false', '--strict'],
  })),
  { name: 'shape', program: 'vitest', args: ['run', '--project', 'tidy', '--project', 'spec', '--reporter', 'dot'] },
];

function passes({ name, program, args }) {
  const result = spawnSync(process.execPath, [programPath(program), ...args], { cwd: root, encoding: 'utf8' });
  const good = result.status === 0;
  console.log(`${good ? 'ok    ' : 'FAILED'}  ${name}`);
  if (!good) console.log(`${result.stdout}${result.stderr}`);
  return good;
}

const failed = steps.filter((step) => !passes(step));
if (failed.length > 0) console.log(`Failed: ${failed.map((step) => step.name).join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
