import type { Args, Option } from './commands/command.js';
import { Failure } from './failure.js';

/**
 * Refuses what the parser would read as something else than was asked: an option with one value that was given
 * twice, and a switch with a value that is neither `true` nor `false`. `raw` are the words as they were typed.
 * Throws `usage`.
 */
export function checkOptions(options: Readonly<Record<string, Option>>, args: Args, raw: readonly string[]): void {
  for (const [name, option] of Object.entries(options)) {
    if (option.type !== 'boolean' && option.array !== true && Array.isArray(args[name])) {
      throw new Failure('usage', `--${name} is given more than once.`);
    }
  }
  const end = raw.indexOf('--');
  for (const word of end === -1 ? raw : raw.slice(0, end)) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    const isSwitch = Object.hasOwn(options, name) && options[name]?.type === 'boolean';
    if (isSwitch && value !== 'true' && value !== 'false') {
      throw new Failure('usage', `--${name} takes no value, not "${value}".`);
    }
  }
}
