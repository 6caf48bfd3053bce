import ts from 'typescript';
import { importsOf } from './imports.js';
import { type Finding, lineOf, parse, type Source, visitAll } from './source.js';

/** Names that are a machine, a clock or chance: outside `node/`, core gets these as arguments or ports. */
const forbiddenNames = new Set([
  'Buffer',
  'clearInterval',
  'clearTimeout',
  'console',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

const forbiddenMembers = new Set(['Date.now', 'Math.random', 'crypto.getRandomValues', 'crypto.randomUUID']);

/** Core outside `node/` must run anywhere and give equal effects for equal inputs. */
export function checkPurity(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter((source) => isPure(source.path))
    .flatMap((source) => [...impureImports(source), ...impureUses(source)]);
}

function isPure(file: string): boolean {
  return file.startsWith('packages/core/src/') && !file.startsWith('packages/core/src/node/');
}

function impureImports(source: Source): readonly Finding[] {
  return importsOf(source)
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, line }) => ({ path: source.path, line, message: `imports ${specifier} outside node/` }));
}

function impureUses(source: Source): readonly Finding[] {
  const file = parse(source);
  const own = declaredNames(file);
  const found: Finding[] = [];
  visitAll(file, (node) => {
    const name = impureName(node);
    if (name !== undefined && !own.has(name))
      found.push({ path: source.path, line: lineOf(file, node), message: `uses ${name}` });
  });
  return found;
}

/** Names that the file gives to something of its own: a parameter `fetch` is not the global. */
function declaredNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  visitAll(file, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (declares && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}

function impureName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const name = `${node.expression.getText()}.${node.name.text}`;
    return forbiddenMembers.has(name) ? name : undefined;
  }
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) return readsClock(node) ? 'the current Date' : undefined;
  return ts.isIdentifier(node) && forbiddenNames.has(node.text) && isReference(node) ? node.text : undefined;
}

/** `Date()` and `new Date()`; a Date of a given time is pure. */
function readsClock(node: ts.NewExpression | ts.CallExpression): boolean {
  if (!ts.isIdentifier(node.expression) || node.expression.text !== 'Date') return false;
  return ts.isCallExpression(node) || (node.arguments ?? []).length === 0;
}

/** Whether a name is read as a variable, not used as the name of a member or a field. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  const named = parent as { readonly name?: ts.Node };
  return named.name !== node || ts.isShorthandPropertyAssignment(parent);
}
