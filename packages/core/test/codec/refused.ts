import { CloudlessError, type ErrorCode } from '../../src/errors.js';

/** The code with which `act` is refused. Anything thrown that is no refusal is thrown on. */
export function refusal(act: () => unknown): ErrorCode | 'accepted' {
  try {
    act();
  } catch (error) {
    if (error instanceof CloudlessError) return error.code;
    throw error;
  }
  return 'accepted';
}
