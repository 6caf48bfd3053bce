import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../tidy/source.js';

/** A fenced block whose info string ends in `run`. */
export interface Snippet {
  readonly file: string;
  readonly line: number;
  /** The first word of the info string: `ts`, `sh` or `console`. */
  readonly language: string;
  readonly text: string;
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

const snippetTimeoutMs = 120_000;

/** The runnable blocks of a Markdown text. */
export function snippetsOf(file: string, markdown: string): readonly Snippet[] {
  const fences = markdown.matchAll(/^```(\w+) run[ \t]*\n([\s\S]*?)^```[ \t]*$/gm);
  return [...fences].map((match) => ({
    file,
    line: markdown.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

/** The Markdown files a reader is sent to. */
export function documents(): readonly string[] {
  const docs = path.join(root, 'docs');
  const guides = fs.existsSync(docs) ? fs.readdirSync(docs).map((name) => `docs/${name}`) : [];
  return [...fs.readdirSync(root), ...guides].filter((name) => name.endsWith('.md')).sort();
}

/** Runs a block in an empty directory with an empty home; throws with what came out when it isn't what stands there. */
export async function runSnippet(snippet: Snippet): Promise<void> {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-docs-'));
  try {
    if (snippet.language === 'ts') await runProgram(snippet, work);
    else if (snippet.language === 'sh') succeed(await shell(snippet.text, work));
    else if (snippet.language === 'console') await runSession(snippet, work);
    else throw new Error(`no way to run ${snippet.language}`);
  } finally {
    await shell('if [ -d "$CLOUDLESS_HOME" ]; then cloudless down || true; fi', work);
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** The file lies in the repository, so that it finds the packages as an app's own file would. */
async function runProgram(snippet: Snippet, work: string): Promise<void> {
  const folder = path.join(root, '.cache', 'snippets');
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(fs.mkdtempSync(path.join(folder, 'program-')), 'program.ts');
  try {
    fs.writeFileSync(file, snippet.text);
    succeed(await execute(process.execPath, ['--disable-warning=ExperimentalWarning', file], work));
  } finally {
    fs.rmSync(path.dirname(file), { recursive: true, force: true });
  }
}

/** Lines that begin with `$ ` are commands, the others what they print; `…` stands for anything. */
async function runSession(snippet: Snippet, work: string): Promise<void> {
  const marker = '-- command --';
  const commands = sessionSteps(snippet.text).map(({ command }) => `echo '${marker}'\n${command}`);
  const outcome = await shell(commands.join('\n'), work);
  succeed(outcome);
  const printed = outcome.output.split(`${marker}\n`).slice(1);
  for (const [index, { command, output }] of sessionSteps(snippet.text).entries()) {
    const actual = (printed[index] ?? '').trim();
    if (!matches(actual, output)) throw new Error(`$ ${command}\nprinted:\n${actual}\nexpected:\n${output}`);
  }
}

function sessionSteps(text: string): readonly { readonly command: string; readonly output: string }[] {
  const parts = `\n${text}`.split('\n$ ').slice(1);
  return parts.map((part) => {
    const [command = '', ...output] = part.split('\n');
    return { command: command.replace(/\s+# .*$/, ''), output: output.join('\n').trim() };
  });
}

function matches(actual: string, expected: string): boolean {
  const pattern = expected.split('…').map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[\\s\\S]*?')}$`).test(actual);
}

function shell(script: string, work: string): Promise<Outcome> {
  return execute('bash', ['-euo', 'pipefail', '-c', script], work);
}

function execute(program: string, args: readonly string[], work: string): Promise<Outcome> {
  const PATH = [path.join(root, 'bin'), path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  const env = { ...process.env, PATH, HOME: work, CLOUDLESS_HOME: path.join(work, '.cloudless-home'), NO_COLOR: '1' };
  const options = { cwd: work, env, timeout: snippetTimeoutMs };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: code === 0 ? stdout : `${stdout}${stderr}` });
    });
  });
}

function succeed(outcome: Outcome): void {
  if (outcome.code !== 0) throw new Error(`ended with ${outcome.code}:\n${outcome.output}`);
}
