import { describe, expect, it } from 'vitest';
import * as limits from '../packages/core/src/limits.js';
import { prefixes, readChapters, requirementsOf, section, sentencesWithoutId, tableRows } from './spec/chapters.js';
import { readVectors, requirementsOfTests, requirementsOfVector, testSources, unionMembers } from './spec/coverage.js';

const chapters = readChapters();
const requirements = chapters.flatMap(requirementsOf);
const vectors = readVectors();

function chapter(number: string): string {
  return chapters.find(({ name }) => name.startsWith(number))?.text ?? '';
}

describe('the checks see what is planted', () => {
  it('finds ids, and not those in examples', () => {
    const text = '- **[COD-1]** A MUST.\n\n```\n**[COD-2]** no\n```\n';
    expect(requirementsOf({ name: '02-x.md', text }).map(({ id }) => id)).toEqual(['COD-1']);
  });

  it('finds a demand without an id', () => {
    const text = 'The words MUST and SHOULD are those of RFC 2119. **[COD-1]** A MUST b. A MUST NOT c.\n- It MUST d.';
    expect(sentencesWithoutId({ name: '02-x.md', text })).toEqual(['A MUST NOT c.', '- It MUST d.']);
  });

  it('reads tables and sections', () => {
    const text = '# A\n## B\n| `x` | y |\n|---|---|\n| `k` | 1,024 |\n### C\n| q | r |\n## D\n| z | z |';
    expect(tableRows(section(text, /B/))).toEqual([
      ['k', '1,024'],
      ['q', 'r'],
    ]);
    expect(section(text, /nowhere/)).toBe('');
  });

  it('finds ids in titles only', () => {
    const text = `it('refuses [COD-1]', () => { f('[COD-2]'); }); describe.each(x)('[COD-3] %s', g);`;
    expect([...requirementsOfTests([{ path: 'test/a.test.ts', text }])]).toEqual(['COD-1', 'COD-3']);
  });
});

describe('requirements', () => {
  it('each has an id of its own', () => {
    const ids = requirements.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids.length).toBeGreaterThan(0);
  });

  it("each has its chapter's prefix", () => {
    const strange = requirements.filter(({ id, chapter: name }) => !id.startsWith(`${prefixes[name.slice(0, 2)]}-`));
    expect(strange).toEqual([]);
  });

  it.each(chapters)('each demand of $name has an id', (chapterRead) => {
    expect(sentencesWithoutId(chapterRead)).toEqual([]);
  });

  it('each is shown by a vector or a test', () => {
    const shown = new Set([...vectors.flatMap(requirementsOfVector), ...requirementsOfTests(testSources())]);
    expect(requirements.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });
});

describe('vectors', () => {
  it('name requirements that there are', () => {
    const known = new Set(requirements.map(({ id }) => id));
    const strange = vectors.filter((file) => requirementsOfVector(file).some((id) => !known.has(id)));
    expect(strange.map(({ path }) => path)).toEqual([]);
  });

  it('say why they are there, what they show, and a kind of outcome from the list', () => {
    const kinds = ['ok', ...unionMembers('packages/core/src/errors.ts', 'RefusalCode')];
    for (const file of vectors) {
      const wanted = { comment: expect.stringMatching(/\S/), expect: expect.toBeOneOf(kinds) };
      expect(file.vector, file.path).toMatchObject(wanted);
      expect(requirementsOfVector(file).length, `${file.path} names no requirement`).toBeGreaterThan(0);
    }
  });
});

describe('tables', () => {
  it('[LIM-1] the limits of chapter 09 are those of the code', () => {
    const written = tableRows(section(chapter('09'), /Values/)).map(([name, value]) => [
      name,
      Number(value?.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(written)).toEqual({ ...limits });
    expect(written.length).toBe(Object.keys(limits).length);
  });

  it('the kinds of refusal of chapter 00 are those of the code', () => {
    const written = tableRows(section(chapter('00'), /refusal/i)).map(([kind]) => kind);
    expect(written.toSorted()).toEqual(unionMembers('packages/core/src/errors.ts', 'RefusalCode').toSorted());
  });
});
