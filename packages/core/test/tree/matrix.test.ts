import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentId, converge, Device } from './world.js';

/** What can stand at `p`: the cells of the matrix are all triples of these. */
const states = ['absent', 'file', 'other', 'empty', 'child', 'link'] as const;
type State = (typeof states)[number];

const table = new URL('./merge-matrix.txt', import.meta.url);
/** Lines `base a b: result`; `b` acts last. In results `p~` is a conflict copy, `/` a directory. */
const cells: readonly string[] = readFileSync(table, 'utf8')
  .split('\n')
  .filter((line) => /^[a-z]+ [a-z]+ [a-z]+: /.test(line));

const words: Readonly<Record<string, string>> = {
  [contentId(0).slice(0, 8)]: 'file',
  [contentId(1).slice(0, 8)]: 'other',
  [contentId(2).slice(0, 8)]: 'inner',
};

/** Brings a disk from one state to another as a person would, leaving alone what stays. */
function change(device: Device, from: State, to: State): void {
  if (from === to) return;
  const wasDirectory = from === 'empty' || from === 'child';
  const isDirectory = to === 'empty' || to === 'child';
  if (from === 'child') device.remove('p/k');
  if (wasDirectory !== isDirectory || to === 'absent') device.remove('p');
  if (isDirectory && !wasDirectory) device.mkdir('p');
  if (to === 'child') device.write('p/k', contentId(2));
  if (to === 'file') device.write('p', contentId(0));
  if (to === 'other') device.write('p', contentId(1));
  if (to === 'link') device.symlink('p', 'target');
}

function show(device: Device): string {
  const shown = device.listing().map((line) => {
    const [, path, kind, what = ''] = /^(.*) (file|directory|symlink) ?(\S*)$/.exec(line) ?? [];
    const name = path?.replace(/ \(conflict [^)]*\)/, '~');
    return kind === 'directory' ? `${name}/` : `${name}=${words[what] ?? what}`;
  });
  return shown.sort().join(' ') || '-';
}

function merged(base: State, a: State, b: State): string {
  let now = 1_000;
  const tick = (): number => ++now;
  const [one, two] = [new Device(0, tick), new Device(1, tick)];
  change(one, 'absent', base);
  converge([one, two]);
  change(one, base, a);
  one.settle();
  change(two, base, b);
  two.settle();
  converge([one, two]);
  expect(show(two)).toBe(show(one));
  return show(one);
}

/** The values of the two paths in a state. */
function valuesOf(state: State): readonly [string, string] {
  if (state === 'child') return ['/', 'inner'];
  return [state === 'empty' ? '/' : state === 'absent' ? '' : state === 'link' ? 'target' : state, ''];
}

/** What is left of one path: the change if one side changed it, both where both did and differ, the later first. */
function left(base: string, a: string, b: string): readonly string[] {
  if (a === b || b === base) return [a].filter(Boolean);
  return (a === base ? [b] : [b, a]).filter(Boolean);
}

/** The rule in short, found another way than by versions. */
function expected(base: State, a: State, b: State): string {
  const [[p0, k0], [p1, k1], [p2, k2]] = [valuesOf(base), valuesOf(a), valuesOf(b)];
  const inner = left(k0, k1, k2);
  const outer = left(p0, p1, p2);
  const shown = inner.length > 0 ? '/' : outer[0];
  const at = (name: string, value: string): string => (value === '/' ? `${name}/` : `${name}=${value}`);
  const lines = [
    ...(shown === undefined ? [] : [at('p', shown)]),
    ...outer.filter((value) => value !== shown).map((value) => at('p~', value)),
    ...inner.map((value) => `p/k=${value}`),
  ];
  return lines.sort().join(' ') || '-';
}

test('[FIL-19] the merge matrix has every cell', () => {
  const wanted = states.flatMap((base) => states.flatMap((a) => states.map((b) => `${base} ${a} ${b}:`)));
  expect(cells.map((cell) => cell.slice(0, cell.indexOf(':') + 1))).toEqual(wanted);
});

test.each(cells)('%s', (cell) => {
  const [key = '', result = ''] = cell.split(': ');
  const [base, a, b] = key.split(' ') as [State, State, State];
  expect(merged(base, a, b)).toBe(result);
  expect(expected(base, a, b)).toBe(result);
});
