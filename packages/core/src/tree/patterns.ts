import ignore, { type Ignore } from 'ignore';
import { utf8 } from '../bytes.js';
import { patternBytesMax } from '../limits.js';

/** Results that the library keeps for one list before the list is made anew. */
const testsKeptMax = 16_384;
/** Each more of them multiplies the ways in which a long path can be tried. */
const anyDepthMax = 3;

/** A line in the syntax of gitignore, and where it stands. */
export interface Pattern {
  readonly text: string;
  /** Comes back when the line decides. */
  readonly mark: string;
}

/** Whether a line says something: no comment, not empty. */
export function isPattern(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

/** Why a line can't be used, for a person. */
export function patternFault(text: string): string | undefined {
  if (utf8(text).length > patternBytesMax) return `it is longer than ${patternBytesMax} bytes`;
  if (text.includes('\0')) return 'it has a NUL character';
  if ((text.match(/\*\*+/g) ?? []).length > anyDepthMax) return `it has "**" more than ${anyDepthMax} times`;
  try {
    make([{ text, mark: '' }]).test('some/path');
    return undefined;
  } catch {
    return 'it is no pattern';
  }
}

/** Lines of gitignore, the last that fits deciding. Names are compared as they are, in case and in form C. */
export class PatternList {
  readonly #patterns: readonly Pattern[];
  #list: Ignore;
  #tests = 0;

  /** Lines with a fault must have been left out. */
  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
    this.#list = make(patterns);
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** The line by which a path, or a directory above it, is taken in; nothing if it is not. */
  match(path: string, isDirectory: boolean): Pattern | undefined {
    if (this.isEmpty) return undefined;
    // The library remembers what it was asked, without a bound.
    if (++this.#tests > testsKeptMax) {
      this.#list = make(this.#patterns);
      this.#tests = 0;
    }
    const { ignored, rule } = this.#list.test(isDirectory ? `${path}/` : path);
    return ignored && rule !== undefined ? { text: rule.pattern, mark: rule.mark ?? '' } : undefined;
  }
}

function make(patterns: readonly Pattern[]): Ignore {
  const list = ignore({ ignorecase: false, allowRelativePaths: true });
  return list.add(patterns.map(({ text, mark }) => ({ pattern: text.normalize('NFC'), mark })));
}
