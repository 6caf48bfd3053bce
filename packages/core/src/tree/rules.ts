import { utf8, utf8Text } from '../bytes.js';
import { ignoreLinesMax } from '../limits.js';
import { originalPath } from './conflict-name.js';
import { isPattern, type Pattern, PatternList, patternFault } from './patterns.js';

/** The shared rules: a file of the folder like any other, which no rule concerns. */
export const ignoreFileName = '.cloudlessignore';

/** Rules of this device alone, in the syntax of gitignore. */
export interface LocalRules {
  readonly ignore: readonly string[];
  /** What is held of the folder; everything if there is none. */
  readonly want: readonly string[];
}

/** All rules that hold on this device (`spec/07 §10`). */
export interface RuleTexts extends LocalRules {
  /** Lines of the shared file, comments included. */
  readonly shared: readonly string[];
}

export const noLocalRules: LocalRules = { ignore: [], want: [] };

/** What the rules say of a path. */
export type Verdict =
  | { readonly rule: 'sync' }
  | {
      readonly rule: 'ignored';
      readonly pattern: string;
      /** In the shared file, from 1; none for a rule of this device. */
      readonly line?: number | undefined;
    }
  | { readonly rule: 'unwanted' };

const sync: Verdict = { rule: 'sync' };
const unwanted: Verdict = { rule: 'unwanted' };

/** Decides which paths are synced on this device (`spec/07 §10`). A function of its texts alone. */
export class Rules {
  /** Lines of the shared file that can't be used: their number and why. */
  readonly refused: readonly { readonly line: number; readonly reason: string }[];
  readonly texts: RuleTexts;
  readonly #ignored: PatternList;
  readonly #wanted: PatternList;
  readonly #ways: Ways;

  constructor(texts: RuleTexts) {
    const refused: { readonly line: number; readonly reason: string }[] = [];
    const patterns: Pattern[] = [];
    for (const [i, text] of texts.shared.entries()) {
      if (!isPattern(text)) continue;
      const fault = patterns.length >= ignoreLinesMax ? `only ${ignoreLinesMax} are used` : patternFault(text);
      if (fault === undefined) patterns.push({ text, mark: `${i + 1}` });
      else refused.push({ line: i + 1, reason: fault });
    }
    this.refused = refused;
    this.texts = texts;
    this.#ignored = new PatternList([...patterns, ...texts.ignore.map((text) => ({ text, mark: '' }))]);
    const want = texts.want.map(fromRoot);
    this.#wanted = listOf(want);
    this.#ways = new Ways(want);
  }

  /** Whether every path is synced. */
  get isEmpty(): boolean {
    return this.#ignored.isEmpty && this.#wanted.isEmpty;
  }

  /** What holds for a path, or for a directory above it. The name of a conflict copy goes with the path it is of. */
  judge(path: string, isDirectory: boolean): Verdict {
    if (this.isEmpty) return sync;
    const original = originalPath(path);
    if (original === ignoreFileName) return sync;
    const by = this.#ignored.match(path, isDirectory) ?? this.#ignored.match(original, isDirectory);
    if (by !== undefined) {
      return { rule: 'ignored', pattern: by.text, line: by.mark === '' ? undefined : Number(by.mark) };
    }
    if (this.#wanted.isEmpty || (isDirectory && this.#ways.leadsOn(path))) return sync;
    const isWanted = [path, original].some((each) => this.#wanted.match(each, isDirectory) !== undefined);
    return isWanted ? sync : unwanted;
  }
}

/** Directories below which something wanted may lie. */
class Ways {
  /** By the number of their parts. */
  readonly #byDepth: readonly PatternList[];
  /** Everything below these. */
  readonly #deep: PatternList;
  readonly #everywhere: boolean;

  constructor(want: readonly string[]) {
    const byDepth: string[][] = [];
    const deep: string[] = [];
    let everywhere = false;
    for (const text of want) {
      if (text.startsWith('!')) continue;
      const parts = text.replace(/^\//, '').replace(/\/$/, '').split('/');
      if (parts.length === 1 && !text.startsWith('/')) everywhere = true;
      for (const [i, part] of parts.entries()) {
        const above = `/${parts.slice(0, i).join('/')}/`;
        if (/\*\*/.test(part)) {
          if (i === 0) everywhere = true;
          else deep.push(above);
          break;
        }
        if (i > 0) byDepth[i] = [...(byDepth[i] ?? []), above];
      }
    }
    this.#byDepth = Array.from(byDepth, (texts) => listOf(texts ?? []));
    this.#deep = listOf(deep);
    this.#everywhere = everywhere;
  }

  leadsOn(path: string): boolean {
    if (this.#everywhere) return true;
    const atDepth = this.#byDepth[path.split('/').length];
    return atDepth?.match(path, true) !== undefined || this.#deep.match(path, true) !== undefined;
  }
}

/** What is wanted without a wildcard is one path, not every directory of the name. */
function fromRoot(text: string): string {
  return /[*?[!/]/.test(text) ? text : `/${text}`;
}

function listOf(texts: readonly string[]): PatternList {
  return new PatternList(texts.map((text) => ({ text, mark: '' })));
}

/** The lines of the shared file. What is not UTF-8 is a line that can't be used; so is a last one that was cut off. */
export function linesOf(bytes: Uint8Array, isWhole: boolean): readonly string[] {
  const lines: string[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 10) continue;
    if (at < bytes.length || isWhole) lines.push(utf8Text(bytes.subarray(from, at)) ?? '\0');
    from = at + 1;
  }
  return lines.map((line, i) => (i === 0 ? line.replace(/^\ufeff/, '') : line).replace(/\r$/, ''));
}

/** The bytes of the shared file with other lines. */
export function bytesOfLines(lines: readonly string[]): Uint8Array {
  return utf8(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
}
