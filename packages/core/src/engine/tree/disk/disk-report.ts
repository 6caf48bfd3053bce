import type { DiskTraits } from '../../../ports/index.js';

const shownMax = 20;

/**
 * What a folder's disk lost and what it can't do, and the first of what can't be synced, each after a semicolon; for a
 * person.
 */
export function diskReport(
  traits: DiskTraits | undefined,
  unsyncable: ReadonlyMap<string, string>,
  damaged: ReadonlySet<string>,
): string {
  const parts = traits === undefined ? [] : lacks(traits);
  if (damaged.size > 0) parts.unshift(`damaged on disk: ${[...damaged].join(', ')}`);
  if (unsyncable.size > 0) {
    const shown = [...unsyncable].slice(0, shownMax).map(([path, reason]) => `${path} (${reason.replace(/\.$/u, '')})`);
    const more = unsyncable.size > shownMax ? ` and ${unsyncable.size - shownMax} more` : '';
    parts.push(`cannot be synced: ${shown.join(', ')}${more}`);
  }
  return parts.map((part) => `; ${part}`).join('');
}

function lacks(traits: DiskTraits): string[] {
  const { timeStepUs } = traits;
  const found: readonly (readonly [boolean, string])[] = [
    [traits.caseBlind, 'its disk is blind to case'],
    [traits.formBlind, 'its disk is blind to the Unicode form of names'],
    [!traits.symlinks, 'its disk has no links'],
    [!traits.hardLinks, 'what is replaced is copied into the archive, since its disk has no hard links'],
    [!traits.executable, 'its disk does not keep what is executable'],
    [
      timeStepUs > 1,
      `times there are multiples of ${timeStepUs >= 1_000 ? `${timeStepUs / 1_000} ms` : `${timeStepUs} µs`}`,
    ],
    [traits.nameRules === 'windows', 'its disk has the rules of Windows for names'],
  ];
  return found.flatMap(([is, text]) => (is ? [text] : []));
}
