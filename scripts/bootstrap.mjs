// Makes a bare clone usable with nothing but npm and Node 20 or newer: installs, finds the Node to run on, builds.
// Silent when there is nothing to do. Run as a program it does all three. Plain JavaScript, in a form that old versions
// of Node can read far enough to say that they are too old.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const pnpmVersion = '12.21.0';
const installWaitMsMax = 600_000;

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
// Inside node_modules, so that removing it also removes the belief that all is done.
const stamps = path.join(modules, '.cache', 'cloudless');
const installedStamp = path.join(stamps, 'installed');
const builtStamp = path.join(stamps, 'built');
const nodeLink = path.join(stamps, 'node');
const products = ['packages/core/dist/index.js', 'packages/cli/dist/index.js'];

/** Installs and builds what is missing or out of date; returns the path of the Node that everything runs on. */
export function prepare({ build = true } = {}) {
  requireNode(process.versions.node, 20, 0);
  if (!isInstalled() || (build && !isBuilt())) withLock(() => prepareLocked(build));
  return fs.readFileSync(nodeLink, 'utf8').trim();
}

function prepareLocked(build) {
  if (!isInstalled()) install();
  if (build && !isBuilt()) compile();
}

function requireNode(version, major, minor) {
  if (isAtLeast(version, major, minor)) return;
  const wanted = minor === 0 ? `${major}` : `${major}.${minor}`;
  fail(`Cloudless needs Node ${wanted} or newer; this is Node ${version}. See https://nodejs.org/en/download`);
}

function isAtLeast(version, major, minor) {
  const parts = version.split('.').map(Number);
  return parts[0] > major || (parts[0] === major && parts[1] >= minor);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function modifiedMs(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? -1 : stat.mtimeMs;
}

function isInstalled() {
  const doneMs = modifiedMs(installedStamp);
  if (doneMs < 0 || modifiedMs(nodeLink) < 0) return false;
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml'].every((file) => modifiedMs(path.join(root, file)) <= doneMs);
}

function install() {
  process.stderr.write('Installing what Cloudless is built from (only when it changes)\n');
  const started = new Date();
  let result = pnpmInstall([]);
  // Some systems have no Node of ours to download (its install script fails there); their own will do if new enough.
  if (result.status !== 0 && isAtLeast(process.versions.node, 22, 22)) result = pnpmInstall(['--ignore-scripts']);
  if (result.status !== 0) fail(`The installation failed:\n${result.stdout || ''}${result.stderr || ''}`);
  fs.mkdirSync(stamps, { recursive: true });
  fs.writeFileSync(nodeLink, `${findNode()}\n`);
  stamp(installedStamp, started);
}

function pnpmInstall(more) {
  const args = ['--yes', `pnpm@${pnpmVersion}`, 'install', '--frozen-lockfile', ...more];
  // `CI` keeps pnpm from asking questions that nobody would see.
  const env = { ...process.env, CI: '1', npm_config_update_notifier: 'false' };
  return spawnSync('npx', args, { cwd: root, env, encoding: 'utf8', shell: process.platform === 'win32' });
}

function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const ours = path.join(modules, 'node', 'bin', name);
  const tried = spawnSync(ours, ['--version'], { encoding: 'utf8' });
  if (tried.status === 0 && tried.stdout.startsWith('v')) return ours;
  requireNode(process.versions.node, 22, 22);
  return process.execPath;
}

/** Whether no source changed since the last build; directories count, so a removed file is noticed too. */
function isBuilt() {
  const doneMs = modifiedMs(builtStamp);
  if (doneMs < 0 || products.some((file) => modifiedMs(path.join(root, file)) < 0)) return false;
  return sourceTrees().every((tree) => newestMs(tree) <= doneMs);
}

function sourceTrees() {
  const packages = path.join(root, 'packages');
  const inPackages = fs.readdirSync(packages).map((name) => path.join(packages, name));
  const sources = inPackages.flatMap((dir) => ['src', 'package.json', 'tsconfig.json'].map((x) => path.join(dir, x)));
  const shared = ['test-vectors/generate', 'proof/src', 'tsconfig.base.json', 'tsconfig.build.json'];
  return [...sources, ...shared.map((name) => path.join(root, name)), installedStamp];
}

function newestMs(tree) {
  const stat = fs.statSync(tree, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return stat === undefined ? -1 : stat.mtimeMs;
  return fs.readdirSync(tree).reduce((ms, name) => Math.max(ms, newestMs(path.join(tree, name))), stat.mtimeMs);
}

function compile() {
  const started = new Date();
  const node = fs.readFileSync(nodeLink, 'utf8').trim();
  const compiler = programPath('tsc');
  const result = spawnSync(node, [compiler, '-b', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) fail(`The build failed:\n${result.stdout}${result.stderr}`);
  stamp(builtStamp, started);
}

/** Marks work as done at the time it began: what changed while it ran is newer and gets done again. */
function stamp(file, started) {
  fs.writeFileSync(file, '');
  fs.utimesSync(file, started, started);
}

const programs = {
  tsc: '@typescript/native',
  vitest: 'vitest',
  biome: '@biomejs/biome',
  knip: 'knip',
  publint: 'publint',
};

/** The JavaScript file behind a program of a development dependency. */
export function programPath(name) {
  const home = path.join(modules, programs[name]);
  const { bin } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
  return path.join(home, typeof bin === 'string' ? bin : bin[name]);
}

/** Two programs started at once in a fresh clone must not install over each other. */
function withLock(work) {
  const lock = path.join(root, '.cache', 'bootstrap.lock');
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  const giveUpMs = Date.now() + installWaitMsMax;
  while (!tryLock(lock)) {
    if (Date.now() > giveUpMs) fail(`Another installation seems to be stuck; if none is running, remove ${lock}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  const release = () => fs.rmSync(lock, { force: true });
  process.once('exit', release);
  work();
  release();
  process.off('exit', release);
}

function tryLock(lock) {
  try {
    fs.writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isHolderAlive(lock)) fs.rmSync(lock, { force: true });
    return false;
  }
}

function isHolderAlive(lock) {
  const holder = Number(readIfThere(lock));
  // Empty for the instant between making the file and writing it.
  if (holder === 0) return modifiedMs(lock) > Date.now() - 5_000;
  try {
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The environment for a child: its own `node` is the one everything runs on. */
export function childEnvironment(node) {
  const { PATH = '' } = process.env;
  return { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${PATH}` };
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) prepare();
