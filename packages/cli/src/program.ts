import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { Parser } from 'yargs/helpers';
import type { Args, CommandEntry, CommandModule, Context, Option } from './commands/command.js';
import { commands, logCommands } from './commands/list.js';
import { exitCodeOf, exitCodes, lineOf } from './exit.js';
import { Failure } from './failure.js';
import { openHome } from './home.js';
import { checkOptions } from './options.js';
import { outputFor } from './output.js';
import type { Client } from './rpc/client.js';

const helpWidthMax = 100;

const globals: Readonly<Record<string, Option>> = {
  home: { type: 'string', describe: 'directory of this installation' },
  json: { type: 'boolean', describe: 'results for programs' },
  quiet: { type: 'boolean', describe: 'no progress' },
  'no-color': { type: 'boolean', describe: 'no colours' },
};

/** Runs the program; gives its exit code. Says on stderr in one line what went wrong. */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    const parsed = parser(args);
    await parsed.parseAsync();
    return Number(process.exitCode ?? exitCodes.done);
  } catch (thrown) {
    // Of a value that is missing the parser tells by throwing, past its handler of failures.
    const ofParser = thrown instanceof Error && thrown.name === 'YError';
    const error = ofParser ? new Failure('usage', usage(thrown.message)) : thrown;
    process.stderr.write(`${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function parser(args: readonly string[]): Argv {
  const program = yargs([...args])
    .scriptName('cloudless')
    .usage('$0 COMMAND\n\nFolders in step between people and devices, with nobody in the middle.')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'duplicate-arguments-array': true,
    })
    .options(withValues(globals))
    .version(version())
    .example('$0 share ~/garden', 'make a folder, and a code for it')
    .example('$0 join LINK ~/garden', 'join it on another device')
    .completion('completion', 'print a completion script for the shell')
    .wrap(Math.min(helpWidthMax, process.stdout.columns ?? helpWidthMax))
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Failure('usage', usage(said(message, args)));
    })
    .demandCommand(1, 'Which command');
  for (const entry of commands) add(program, entry, args);
  program.command('log', 'append-only streams that all members see', (log) => {
    for (const entry of logCommands) add(log, entry, args);
    return log.demandCommand(1, 'Which command of log');
  });
  return program;
}

/** What the parser says, but for two things: a command that there is not, and words that are missing. */
function said(message: string, args: readonly string[]): string {
  const [first, second] = Parser([...args], { string: ['home'] })._.map(String);
  const [group, known, name] = first === 'log' ? ['log ', logCommands, second] : ['', commands, first];
  const entry = known.find(({ command }) => command.split(' ')[0] === name);
  if (entry !== undefined && message.startsWith('Not enough')) return `It is "cloudless ${group}${entry.command}"`;
  if (name === undefined || entry !== undefined) return message;
  const [, guess] = /^Did you mean (\S+)\?$/.exec(message) ?? [];
  return `There is no command "${name}"${guess === undefined ? '' : `: did you mean "${guess}"`}`;
}

/** One line, whatever the parser says. */
function usage(message: string): string {
  return `${message
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/[.?]?$/, '')}; "cloudless --help" lists what there is.`;
}

/** An option that is no switch always has its value behind it: without one it would count as not given. */
function withValues(options: Readonly<Record<string, Option>>): Readonly<Record<string, Option>> {
  const all = Object.entries(options).map(([name, option]) => {
    const requiresArg = option.type !== 'boolean';
    return [name, { ...option, requiresArg }] as const;
  });
  return Object.fromEntries(all);
}

function add(program: Argv, entry: CommandEntry, raw: readonly string[]): void {
  let loaded: CommandModule | undefined;
  program.command(
    entry.command,
    entry.describe,
    async (command) => {
      loaded = (await entry.load()).command;
      for (const [name, option] of Object.entries(loaded.positionals)) command.positional(name, option);
      for (const [line, about] of loaded.examples) command.example(line, about);
      // One that has an option of that name means it.
      if ('version' in loaded.options) command.version(false);
      return command.options(withValues(loaded.options));
    },
    async (args) => {
      if (loaded === undefined) return;
      checkOptions({ ...globals, ...loaded.options }, args, raw);
      await runCommand(loaded, args);
    },
  );
}

async function runCommand(command: CommandModule, args: Args): Promise<void> {
  const home = openHome(typeof args.home === 'string' ? args.home : undefined);
  let client: Client | undefined;
  const context: Context = {
    home,
    output: outputFor({ json: args.json === true, quiet: args.quiet === true }),
    daemon: async () => {
      const { connectDaemon } = await import('./daemon/start.js');
      client = await connectDaemon(home);
      return client;
    },
  };
  try {
    await command.run(context, args);
  } finally {
    client?.close();
  }
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
