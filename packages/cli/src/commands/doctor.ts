import { statSync } from 'node:fs';
import { type Run, withDaemon } from '../arguments.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

interface Findings {
  readonly pid: number;
  readonly listen: readonly string[];
  readonly crypto: string;
  readonly folders: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** Checks the installation; exit code 1 when something is wrong. */
export const doctor: Run<object> = async (_args, session) => {
  await withDaemon(session, async (client) => {
    const found = (await client.call('doctor')) as Findings;
    const checks = [homeCheck(session.home.path), ...checksOf(found)];
    const ok = checks.every((check) => check.ok);
    session.output.result({ ok, checks }, () => checks.map((check) => `${check.ok ? 'ok ' : 'BAD'}  ${check.name}: ${check.detail}`));
    if (!ok) process.exitCode = 1;
  });
};

function homeCheck(path: string): Check {
  const mode = statSync(path).mode & 0o777;
  const ok = process.platform === 'win32' || (mode & 0o077) === 0;
  return { name: 'home', ok, detail: ok ? `${path}, for its user only` : `${path} can be opened by others: chmod 700 it` };
}

function checksOf({ pid, listen, crypto, folders }: Findings): readonly Check[] {
  const slow = crypto.includes('JS');
  return [
    { name: 'daemon', ok: true, detail: `process ${pid}, Node ${process.version}` },
    { name: 'crypto', ok: !slow, detail: slow ? `${crypto}: slow, since neither an add-on nor WASM could be loaded` : crypto },
    { name: 'listen', ok: listen.length > 0, detail: listen.length > 0 ? listen.join(', ') : 'nowhere' },
    ...folders.map(({ name, ok, detail }) => ({ name: `folder ${name}`, ok, detail })),
  ];
}
