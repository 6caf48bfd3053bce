import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../exit.js';
import { Failure } from '../failure.js';
import type { Params } from '../rpc/server.js';
import type { CommandModule } from './command.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export const command: CommandModule = {
  positionals: { part: { type: 'string', choices: ['net'], describe: 'net: the network' } },
  options: { quick: { type: 'boolean', describe: 'read no files: tell what is known' } },
  examples: [
    ['$0 doctor', 'checks the home, the daemon and the folders, all files of which are read'],
    ['$0 doctor --quick', 'the same without reading the files'],
  ],
  run: async ({ home, output, daemon }, args) => {
    if (args.part === 'net')
      throw new Failure(
        'unsupported',
        'The network is not checked yet; "cloudless peers" lists who is connected, and how.',
      );
    const quick = args.quick === true;
    if (!quick) output.note('Reads all files of all folders; --quick leaves that out.');
    const info = (await (await daemon()).call('doctor', { quick })) as Params;
    const listen = info.listen as readonly string[];
    const checks: readonly Check[] = [
      homeCheck(home.path),
      { name: 'daemon', ok: true, detail: `process ${String(info.pid)}` },
      cryptoCheck(String(info.crypto)),
      {
        name: 'listen',
        ok: listen.length > 0,
        detail: listen.join(', ') || 'nowhere: others cannot connect to this device',
      },
      ...(info.folders as readonly Params[]).map(folderCheck),
    ];
    const ok = checks.every((check) => check.ok);
    output.result({ ok, checks }, () =>
      checks.map((each) => `${each.ok ? 'ok ' : 'BAD'}  ${each.name}: ${each.detail}`),
    );
    if (!ok) process.exitCode = exitCodes.failed;
  },
};

function folderCheck({ folder, name, ok, detail }: Params): Check {
  return { name: `folder ${String(name)} (${String(folder).slice(0, 8)})`, ok: ok === true, detail: String(detail) };
}

function cryptoCheck(provider: string): Check {
  const slow = provider.includes('JS');
  return {
    name: 'crypto',
    ok: true,
    detail: slow ? `${provider}; slow: neither add-on nor WASM loads here` : provider,
  };
}

/** Nothing in the home may be open to others. */
function homeCheck(home: string): Check {
  if (process.platform === 'win32') return { name: 'home', ok: true, detail: home };
  const all = ['', ...readdirSync(home, { recursive: true, encoding: 'utf8' })];
  const open = all.filter(
    (path) => ((lstatSync(join(home, path), { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0,
  );
  const detail =
    open.length === 0 ? home : `others may open ${open.map((path) => join(home, path)).join(', ')}: chmod go= them`;
  return { name: 'home', ok: open.length === 0, detail };
}
