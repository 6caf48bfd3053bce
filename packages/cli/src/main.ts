#!/usr/bin/env node
import { exitCodes } from './exit.js';
import { runProgram } from './program.js';

// Whoever reads our output may leave, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.failed);
});
process.exitCode = await runProgram(process.argv.slice(2));
