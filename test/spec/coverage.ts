import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { parse, repositorySources, root, type Source, visitAll } from '../tidy/source.js';

export interface VectorFile {
  readonly path: string;
  readonly vector: unknown;
}

/** All vectors, as `FAMILY/CASE.json`. */
export function readVectors(): readonly VectorFile[] {
  const folder = path.join(root, 'test-vectors');
  const entries = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const families = entries
    .map((entry) => entry.name)
    .filter((name) => !['generate', 'dist', 'node_modules'].includes(name));
  return families.flatMap((family) => {
    const names = fs.readdirSync(path.join(folder, family)).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => readVector(`${family}/${name}`));
  });
}

function readVector(file: string): VectorFile {
  return { path: file, vector: JSON.parse(fs.readFileSync(path.join(root, 'test-vectors', file), 'utf8')) };
}

/** The requirement ids that a vector says it shows; empty when it says nothing usable. */
export function requirementsOfVector({ vector }: VectorFile): readonly string[] {
  const named = typeof vector === 'object' && vector !== null && 'requirements' in vector ? vector.requirements : [];
  return Array.isArray(named) ? named.filter((id) => typeof id === 'string') : [];
}

/** The requirement ids in the titles of tests: `it('… [COD-3]')`, `describe`, and `it.each`. */
export function requirementsOfTests(sources: readonly Source[]): ReadonlySet<string> {
  const tests = sources.filter((source) => source.path.endsWith('.test.ts'));
  return new Set(
    tests.flatMap(titles).flatMap((title) => [...title.matchAll(/\[([A-Z]{3}-\d+)\]/g)].map((m) => m[1] ?? '')),
  );
}

export function testSources(): readonly Source[] {
  return repositorySources().filter((source) => /(^|\/)test\//.test(source.path));
}

function titles(source: Source): readonly string[] {
  const found: string[] = [];
  visitAll(parse(source), (node) => {
    if (!ts.isCallExpression(node) || !/^(it|test|describe)\b/.test(node.expression.getText())) return;
    const [title] = node.arguments;
    if (title !== undefined) found.push(title.getText());
  });
  return found;
}

/** Members of a union of string literals, read from the source of its declaration. */
export function unionMembers(file: string, name: string): readonly string[] {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  const members: string[] = [];
  visitAll(parse({ path: file, text }), (node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== name || !ts.isUnionTypeNode(node.type)) return;
    const literals = node.type.types.filter(ts.isLiteralTypeNode).map((type) => type.literal);
    members.push(...literals.filter(ts.isStringLiteral).map((literal) => literal.text));
  });
  return members;
}
