import fs from 'node:fs';
import path from 'node:path';
import { root } from '../tidy/source.js';

/** A requirement of the specification: the id in brackets that stands before its sentence. */
export interface Requirement {
  readonly id: string;
  readonly chapter: string;
}

export interface Chapter {
  readonly name: string;
  readonly text: string;
}

/** The prefix of the ids in each chapter, by the chapter's number. */
export const prefixes: Readonly<Record<string, string>> = {
  '00': 'ENC',
  '01': 'PRM',
  '02': 'COD',
  '03': 'MEM',
  '04': 'LOG',
  '05': 'EPO',
  '06': 'CNT',
  '07': 'FIL',
  '08': 'CON',
  '09': 'LIM',
  '10': 'SEC',
  '11': 'SYN',
};

export function readChapters(): readonly Chapter[] {
  const folder = path.join(root, 'spec');
  const names = fs.readdirSync(folder).filter((name) => /^\d\d-.*\.md$/.test(name));
  return names.sort().map((name) => ({ name, text: fs.readFileSync(path.join(folder, name), 'utf8') }));
}

export function requirementsOf(chapter: Chapter): readonly Requirement[] {
  const ids = withoutFences(chapter.text).matchAll(/\*\*\[([A-Z]{3}-\d+)\]\*\*/g);
  return [...ids].map((match) => ({ id: match[1] ?? '', chapter: chapter.name }));
}

/** Sentences with a MUST that no id stands before; what only explains the word itself is left out. */
export function sentencesWithoutId(chapter: Chapter): readonly string[] {
  const blocks = withoutFences(chapter.text).split(/\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.)\s)/);
  const sentences = blocks.flatMap((block) => block.replace(/\s+/g, ' ').split(/(?<=[.!?]["”)]?) (?=[A-Z*`(“"])/));
  const demanding = sentences.filter((sentence) => /\bMUST\b/.test(sentence.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, '')));
  return demanding.filter(
    (sentence) => !/\*\*\[[A-Z]{3}-\d+\]\*\*/.test(sentence) && !/RFC ?2119|BCP ?14/.test(sentence),
  );
}

function withoutFences(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
}

/** First and further cells of each row of every table, header rows left out, backticks taken off. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const rows = text.split('\n').filter((line) => /^\|.*\|$/.test(line.trim()));
  const cells = rows.map((row) =>
    row
      .trim()
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
  return cells.filter((row, index) => !isRule(row) && !isRule(cells[index + 1] ?? []));
}

function isRule(row: readonly string[]): boolean {
  return row.length > 0 && row.every((cell) => /^:?-+:?$/.test(cell));
}

/** The part of a chapter below the heading that matches, down to the next heading of the same or a higher level. */
export function section(text: string, heading: RegExp): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && heading.test(line));
  if (start < 0) return '';
  const level = (lines[start] ?? '').indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}
