import ts from 'typescript';
import { type Finding, isProduct, isScript, lineOf, parse, type Source, visitAll } from './source.js';

export const fileLinesMax = 400;
export const functionLinesMax = 70;
export const lineColumnsMax = 120;

export function checkSizes(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isScript(source.path)).flatMap((s) => [...longFile(s), ...longLines(s)]);
}

/** One long word in quotes: published hex, an address. Breaking it would keep it from being searched for. */
const unbreakable = /(['"`])[^\s'"`]{80,}\1/;

function longFile(source: Source): readonly Finding[] {
  const lines = source.text.split('\n').length - 1;
  if (lines <= fileLinesMax) return [];
  return [{ path: source.path, line: lines, message: `${lines} lines, at most ${fileLinesMax}` }];
}

function longLines(source: Source): readonly Finding[] {
  return source.text.split('\n').flatMap((text, index) => {
    const columns = [...text].length;
    if (columns <= lineColumnsMax || unbreakable.test(text)) return [];
    return [{ path: source.path, line: index + 1, message: `${columns} columns, at most ${lineColumnsMax}` }];
  });
}

/** Functions of everything that ships; a test's `describe` may be as long as its file. */
export function checkFunctions(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isProduct(source.path)).flatMap(longFunctions);
}

function longFunctions(source: Source): readonly Finding[] {
  const file = parse(source);
  const found: Finding[] = [];
  visitAll(file, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const first = lineOf(file, node);
    const lines = file.getLineAndCharacterOfPosition(node.end).line + 2 - first;
    if (lines <= functionLinesMax) return;
    found.push({
      path: source.path,
      line: first,
      message: `a function of ${lines} lines, at most ${functionLinesMax}`,
    });
  });
  return found;
}

/** Named exports only: one name for one thing everywhere. */
export function checkExports(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isProduct(source.path)).flatMap(defaultExports);
}

function defaultExports(source: Source): readonly Finding[] {
  const file = parse(source);
  return file.statements.filter(isDefaultExport).map((statement) => ({
    path: source.path,
    line: lineOf(file, statement),
    message: 'a default export',
  }));
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}

/** State that outlives a call and belongs to nobody: `let` and `var` at the top of a module. */
export function checkModuleState(sources: readonly Source[]): readonly Finding[] {
  return sources.filter((source) => isProduct(source.path)).flatMap(moduleState);
}

function moduleState(source: Source): readonly Finding[] {
  const file = parse(source);
  return file.statements
    .filter((s) => ts.isVariableStatement(s) && (s.declarationList.flags & ts.NodeFlags.Const) === 0)
    .map((s) => ({ path: source.path, line: lineOf(file, s), message: 'mutable state of a module' }));
}
