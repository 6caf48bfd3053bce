import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A text file of the repository: `path` is relative to its root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What a checker found: printed as it is when a test fails. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export const root: string = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const skipped = new Set(['node_modules', 'dist', '.git', '.cache', 'coverage']);
const textFile = /(\.(ts|mts|mjs|js|json|md|yaml|yml|sh|html|css)|\/run|\/cloudless)$/;

/** Every text file that is or could be committed; vectors and lockfile are data and left out. */
export function repositorySources(): readonly Source[] {
  return walk('')
    .filter((file) => textFile.test(`/${file}`) && file !== 'pnpm-lock.yaml' && !isVector(file))
    .map((file) => ({ path: file, text: fs.readFileSync(path.join(root, file), 'utf8') }));
}

function isVector(file: string): boolean {
  return /^test-vectors\/[^/]+\/.*\.(json|txt)$/.test(file);
}

function walk(folder: string): readonly string[] {
  const entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : walk(file);
    return entry.isFile() ? [file] : [];
  });
}

export function isScript(file: string): boolean {
  return /\.(ts|mts|mjs|js)$/.test(file);
}

export function isTypeScript(file: string): boolean {
  return /\.m?ts$/.test(file);
}

/** Source that ships: `packages/NAME/src`. */
export function isProduct(file: string): boolean {
  return /^packages\/[^/]+\/src\//.test(file) && isTypeScript(file);
}

export function parse(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ESNext, true);
}

export function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** Calls `visit` for every node below `node`, parents first. */
export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    visit(child);
    visitAll(child, visit);
  });
}
