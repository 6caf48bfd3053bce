import { fstatSync, ftruncateSync, statSync } from 'node:fs';
import type { Logger } from '@cloudless/core/ports';
import { toJsonLine } from '../escape.js';

const logBytesMax = 4_194_304;
const stderr = 2;

/** Diagnostics go to stderr. Where that is the home's own log file, it starts anew when it gets too long. */
export function stderrLogger(ownLog: string): Logger {
  const capped = isOwnLog(ownLog);
  return {
    log: (level, message, details = {}) => {
      if (level === 'debug') return;
      if (capped && fstatSync(stderr).size > logBytesMax) ftruncateSync(stderr);
      process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${toJsonLine(details)}\n`);
    },
  };
}

function isOwnLog(path: string): boolean {
  const [own, actual] = [statSync(path, { throwIfNoEntry: false }), fstatSync(stderr)];
  return own !== undefined && actual.isFile() && own.ino === actual.ino && own.dev === actual.dev;
}
