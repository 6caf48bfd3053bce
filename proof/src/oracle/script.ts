import { Random } from '../random.js';

/** One thing that somebody does, or that happens to a node. */
export type Act =
  | { readonly act: 'write'; readonly node: number; readonly path: string; readonly how: 'inPlace' | 'replace' }
  | { readonly act: 'delete'; readonly node: number; readonly path: string }
  | { readonly act: 'read'; readonly node: number; readonly path: string }
  /** The program of that node stands still, and goes on. */
  | { readonly act: 'halt'; readonly node: number }
  | { readonly act: 'go'; readonly node: number }
  /** Nobody does anything for a while: what is random is how far the programs have come. */
  | { readonly act: 'pause'; readonly ms: number }
  | { readonly act: 'stabilise' };

export type Script = readonly Act[];

/** Files of a run; `d` is a directory that is made when needed and can be deleted as one. */
export const files = ['a', 'd/b', 'd/c'] as const;
const pauses = [0, 2, 10, 40, 120, 300];

/** A script from a seed. How often each kind of act comes up is chosen first, so that runs differ in kind. */
export function scriptOf(seed: number, nodes: number): Script {
  const random = new Random(seed);
  const paths = files.slice(0, 1 + random.below(files.length));
  const weights = { write: 6, delete: 1 + random.below(3), read: random.below(5), halt: random.below(4), pause: 4 };
  const script: Act[] = [];
  for (let phase = 1 + random.below(3); phase > 0; phase--) {
    const acts = 3 + random.below(9);
    for (let index = 0; index < acts; index++) script.push(actOf(random, nodes, paths, weights));
    script.push({ act: 'stabilise' });
  }
  return script;
}

function actOf(random: Random, nodes: number, paths: readonly string[], weights: Record<string, number>): Act {
  const names = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
  const node = random.below(nodes);
  const path = random.pick(paths);
  switch (random.pick(names)) {
    case 'write':
      return { act: 'write', node, path, how: random.pick(['inPlace', 'replace'] as const) };
    case 'delete':
      return { act: 'delete', node, path: random.below(3) === 0 && path.startsWith('d/') ? 'd' : path };
    case 'read':
      return { act: 'read', node, path };
    case 'halt':
      return { act: random.pick(['halt', 'go'] as const), node };
    default:
      return { act: 'pause', ms: random.pick(pauses) };
  }
}

/** Smaller scripts to try, the smallest first. A script always ends at a stable point. */
export function smaller(script: Script): readonly Script[] {
  const found: Script[] = [];
  for (let length = script.length >> 1; length >= 1; length >>= 1) {
    for (let start = 0; start + length <= script.length; start += length) {
      const rest = script.filter((_, index) => index < start || index >= start + length);
      found.push(rest.at(-1)?.act === 'stabilise' ? rest : [...rest, { act: 'stabilise' }]);
    }
  }
  return found.filter((each) => each.length < script.length && each.length > 1);
}

/** One line an act. */
export function print(script: Script): string {
  return script.map((act) => JSON.stringify(act)).join('\n');
}
