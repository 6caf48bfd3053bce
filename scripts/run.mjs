// node scripts/run.mjs [--build] PROGRAM ARGUMENTS…
// Runs a script of this repository or a program of its development dependencies on the Node that the repository
// brings, after installing and (with --build) building what is out of date. Exit code and signals pass through.
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { childEnvironment, prepare, programPath, root } from './bootstrap.mjs';

const given = process.argv.slice(2);
const build = given[0] === '--build';
const [program, ...args] = build ? given.slice(1) : given;

const node = prepare({ build });
const file = /\.m?js$/.test(program) ? path.join(root, program) : programPath(program);
const child = spawn(node, [file, ...args], { cwd: root, stdio: 'inherit', env: childEnvironment(node) });

// A terminal sends Ctrl-C to the child too; this process only has to outlive it to pass its end on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code === null ? 128 + (os.constants.signals[signal] || 0) : code;
});
