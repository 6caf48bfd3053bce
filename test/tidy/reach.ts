import { importsOf, packageOf, resolveRelative } from './imports.js';
import { type Finding, isProduct, type Source } from './source.js';

/** Files that start something: package entries, and programs and workers started by name. */
const entry = /^packages\/[^/]+\/src\/(([^/]+\/)?index|main|(.*\/)?[^/]*worker)\.ts$/;

/** Every file of a package is reached from an entry or from a file that is. */
export function checkReach(sources: readonly Source[]): readonly Finding[] {
  const product = new Map(sources.filter((source) => isProduct(source.path)).map((source) => [source.path, source]));
  const reached = new Set<string>();
  const waiting = [...product.keys()].filter((file) => entry.test(file));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const source = product.get(file);
    if (source === undefined || reached.has(file)) continue;
    reached.add(file);
    waiting.push(...relativeImports(source));
  }
  const dead = [...product.keys()].filter((file) => !reached.has(file));
  return dead.map((file) => ({ path: file, line: 1, message: 'nothing that is started imports this' }));
}

function relativeImports(source: Source): readonly string[] {
  const relative = importsOf(source).filter(({ specifier }) => specifier.startsWith('.'));
  return relative.map(({ specifier }) => resolveRelative(source.path, specifier));
}

/** Each module of an outside library is imported in one file, so it can be replaced in one file. */
export function checkLibraries(sources: readonly Source[]): readonly Finding[] {
  const importers = new Map<string, Finding[]>();
  for (const source of sources.filter((s) => isProduct(s.path))) {
    for (const [specifier, line] of outsideImports(source)) {
      const finding = { path: source.path, line, message: `${specifier} is imported in more than one file` };
      importers.set(specifier, [...(importers.get(specifier) ?? []), finding]);
    }
  }
  return [...importers.values()].filter((findings) => findings.length > 1).flat();
}

function outsideImports(source: Source): ReadonlyMap<string, number> {
  const outside = importsOf(source).filter(({ specifier }) => isOutside(specifier));
  return new Map(outside.map(({ specifier, line }) => [specifier, line]));
}

function isOutside(specifier: string): boolean {
  return !/^(\.|node:)/.test(specifier) && !packageOf(specifier).startsWith('@cloudless/');
}
