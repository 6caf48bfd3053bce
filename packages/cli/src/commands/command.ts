import type { Home } from '../home.js';
import type { Output } from '../output.js';
import type { Client } from '../rpc/client.js';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly describe: string;
  /** Given several times. */
  readonly array?: boolean;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
}

/** What was given at the command line, by name. */
export type Args = Readonly<Record<string, unknown>>;

/** What a command works with. */
export interface Context {
  readonly home: Home;
  readonly output: Output;
  /** A connection to the daemon, which is started if need be. */
  daemon(): Promise<Client>;
}

/** A command, loaded when it is called. */
export interface CommandModule {
  readonly positionals: Readonly<Record<string, Option>>;
  readonly options: Readonly<Record<string, Option>>;
  /** Command lines that show what it is for, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
  run(context: Context, args: Args): Promise<void>;
}

export interface CommandEntry {
  /** As in `share <path>`. */
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly command: CommandModule }>;
}

export const folderOption: Option = { type: 'string', describe: 'a name, a path in it, or the beginning of an id' };
export const personOption: Option = { type: 'string', describe: 'the beginning of an id, as "members" shows it' };
export const timeoutOption: Option = { type: 'string', describe: 'give up after so many seconds (exit code 4)' };

export function textArg(args: Args, name: string): string | undefined {
  const value = args[name];
  return value === undefined ? undefined : String(value);
}

/** All values of a positional that takes several, with those behind `--`, which may begin with a dash. */
export function listArg(args: Args, name: string): readonly string[] {
  const [values, [, ...others]] = [args[name], args._ as readonly unknown[]];
  return [...(Array.isArray(values) ? values : []), ...others].map(String);
}
