import { type Finding, isScript, type Source } from './source.js';

interface Rule {
  readonly pattern: RegExp;
  readonly message: string;
  readonly applies: (file: string) => boolean;
}

const everywhere = (): boolean => true;

const rules: readonly Rule[] = [
  { pattern: /\b(TO[D]O|FIX[M]E|X[X]X)\b/, message: 'work left over in a comment', applies: everywhere },
  { pattern: /(\/\/|^\s*\*|\/\*).*\b(for now|placeholder)\b/i, message: 'an unfinished thought', applies: isScript },
  {
    pattern: /\b(it|test|describe)\.(skip|only|todo)\b/,
    message: 'a test that is skipped or alone',
    applies: isScript,
  },
  { pattern: /@ts-([i]gnore|[n]ocheck|[e]xpect-error)|biome-[i]gnore/, message: 'a silenced tool', applies: isScript },
  { pattern: /\bas [a]ny\b/, message: 'a type forced', applies: isScript },
  {
    pattern: /(^|[\s'"`(=:])(\/(root|work|Users)\/|\/home\/[a-z]|[A-Z]:\\Users)/,
    message: 'a path of one machine',
    applies: everywhere,
  },
];

/** Words that must not be committed. */
export function checkWords(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => source.text.split('\n').flatMap((text, index) => complaints(source, text, index)));
}

function complaints(source: Source, text: string, index: number): readonly Finding[] {
  return rules
    .filter((rule) => rule.applies(source.path) && rule.pattern.test(text))
    .map((rule) => ({ path: source.path, line: index + 1, message: `${rule.message}: ${text.trim()}` }));
}
