import { escapeText } from './escape.js';
import { codeOf } from './failure.js';

/** Exit codes that scripts rely on. */
export const exitCodes = { done: 0, failed: 1, usage: 2, needsPerson: 3, timedOut: 4 } as const;

export function exitCodeOf(error: unknown): number {
  const code = codeOf(error);
  if (code === 'usage') return exitCodes.usage;
  if (code === 'needs-person') return exitCodes.needsPerson;
  return code === 'timeout' ? exitCodes.timedOut : exitCodes.failed;
}

/** One line that says what is wrong and what to do. */
export function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `cloudless: ${escapeText(message.replace(/\s*\n\s*/g, ' '))}`;
}
