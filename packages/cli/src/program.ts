/** The only importer of yargs: what is typed becomes a call of one command, loaded when it is needed. */

import { readFileSync } from 'node:fs';
import { CloudlessError } from '@cloudless/core';
import yargs, { type Argv, type CommandModule } from 'yargs';
import type { CommonArguments } from './arguments.js';
import { type CommandEntry, commands } from './commands/index.js';
import { exitCodeOf, exitCodes, lineOf } from './exit.js';
import { openHome } from './home.js';
import { outputFor } from './output.js';

/** Runs the program; gives its exit code. Everything that goes wrong is one line on stderr. */
export async function runProgram(args: readonly string[]): Promise<number> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
  });
  try {
    await parser(args).parseAsync();
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    process.stderr.write(`${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function parser(args: readonly string[]): Argv {
  let parsed = yargs([...args])
    .scriptName('cloudless')
    .usage('$0 COMMAND\n\nKeeps folders in step between people and devices, with nobody in the middle.')
    .option('home', { type: 'string', describe: 'directory of this installation', requiresArg: true, global: true })
    .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
    .option('quiet', { type: 'boolean', default: false, describe: 'no progress, no hints' })
    .option('color', { type: 'boolean', describe: 'colours; NO_COLOR is honoured' })
    .strict()
    .demandCommand(1, 'What shall be done? "cloudless --help" lists the commands.')
    .recommendCommands()
    .help()
    .alias('help', 'h')
    .version(version())
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .completion('completion', 'prints a script for the shell that completes commands')
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof CloudlessError ? error : new CloudlessError('usage', message ?? String(error), { cause: error });
    });
  for (const entry of commands) parsed = parsed.command(toModule(entry));
  return parsed;
}

function toModule(entry: CommandEntry): CommandModule {
  return {
    command: entry.command,
    describe: entry.describe,
    builder: (parsed: Argv) => (entry.commands ?? []).reduce((group, each) => group.command(toModule(each)), entry.options(parsed)),
    handler: async (args: unknown) => {
      const common = args as CommonArguments;
      const home = openHome(common.home);
      const run = await entry.load?.();
      await run?.(args as never, { home, output: outputFor(common) });
    },
  };
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
