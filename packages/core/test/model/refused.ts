import { CloudlessError } from '../../src/errors.js';

/** The refusal that `act` ends in; fails the test when it is none. */
export function refusalOf(act: () => unknown): CloudlessError {
  try {
    act();
  } catch (error) {
    if (error instanceof CloudlessError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
