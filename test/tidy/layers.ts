import { importsOf, resolveRelative } from './imports.js';
import { type Finding, isProduct, type Source } from './source.js';

/** Folders of core in import order: each may import from those before it. */
export const coreOrder: readonly string[] = [
  'crypto',
  'codec',
  'model',
  'channel',
  'content',
  'membership',
  'tree',
  'ports',
  'engine',
  'host',
  'memory',
  'node',
  'sim',
  'testing',
];

/** The only files of core that belong to no folder, and may be imported by all. */
const coreShared = ['errors.ts', 'limits.ts', 'bytes.ts'];

/** Which packages of the workspace each package may import; `public` is core's main entry and nothing deeper. */
const packageImports: Readonly<Record<string, readonly string[]>> = {
  core: [],
  net: ['core'],
  chat: ['core public'],
  web: ['core public', 'chat'],
  cli: ['core', 'net', 'chat', 'web'],
};

export function checkLayers(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isProduct(source.path)).flatMap(checkFile);
}

function checkFile(source: Source): readonly Finding[] {
  return importsOf(source).flatMap(({ specifier, line }) => {
    const message = complaint(source.path, specifier);
    return message === undefined ? [] : [{ path: source.path, line, message }];
  });
}

function complaint(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('@cloudless/')) return packageComplaint(from, specifier);
  if (!specifier.startsWith('.')) return undefined;
  if (!specifier.endsWith('.js')) return `relative imports end in .js: ${specifier}`;
  const target = resolveRelative(from, specifier);
  if (packageName(target) !== packageName(from)) return `reaches into another package: ${specifier}`;
  return packageName(from) === 'core' ? coreComplaint(inCore(from), inCore(target), specifier) : undefined;
}

function packageName(file: string): string {
  return file.split('/')[1] ?? '';
}

function packageComplaint(from: string, specifier: string): string | undefined {
  const name = packageName(from);
  const [, target = '', ...deeper] = specifier.split('/');
  const allowed = packageImports[name] ?? [];
  if (allowed.includes(target)) return undefined;
  if (allowed.includes(`${target} public`) && deeper.length === 0) return undefined;
  return `${name} may not import ${specifier}`;
}

function inCore(file: string): readonly string[] {
  return file.split('/').slice(3);
}

function coreComplaint(from: readonly string[], to: readonly string[], specifier: string): string | undefined {
  const [fromFolder = '', toFolder = ''] = [folder(from), folder(to)];
  if (toFolder === '') return coreShared.includes(to[0] ?? '') ? undefined : `nothing imports core's ${to.join('/')}`;
  if (!coreOrder.includes(toFolder)) return `${toFolder} has no place in the import order`;
  if (fromFolder === toFolder) return undefined;
  if (to.length !== 2 || to[1] !== 'index.ts') return `import ${toFolder} through its index: ${specifier}`;
  return orderComplaint(fromFolder, toFolder);
}

function folder(parts: readonly string[]): string {
  return parts.length > 1 ? (parts[0] ?? '') : '';
}

function orderComplaint(from: string, to: string): string | undefined {
  if (from === '')
    return to === 'node' || to === 'sim' || to === 'testing' ? `the main entry imports ${to}` : undefined;
  if ((from === 'sim' || from === 'testing') && to === 'node') return `${from} may not touch a machine`;
  return coreOrder.indexOf(to) < coreOrder.indexOf(from) ? undefined : `${from} comes before ${to}`;
}
