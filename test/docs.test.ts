import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, runSnippet, type Snippet, snippetsOf } from './docs/snippets.js';
import { root } from './tidy/source.js';

function snippet(language: string, text: string): Snippet {
  return { file: 'x.md', line: 1, language, text };
}

describe('the runner', () => {
  it('takes the blocks that say so', () => {
    const markdown = 'a\n\n```ts run\nf();\n```\n\n```ts\ng();\n```\n\n```sh run\nls\n```\n';
    const found = snippetsOf('x.md', markdown).map(({ language, line, text }) => ({ language, line, text }));
    expect(found).toEqual([
      { language: 'ts', line: 3, text: 'f();\n' },
      { language: 'sh', line: 11, text: 'ls\n' },
    ]);
  });

  it('passes what does as it says', async () => {
    await runSnippet(snippet('sh', 'test "$HOME" = "$PWD"\n'));
    await runSnippet(snippet('console', '$ echo one two   # why\none …\n$ true\n$ echo three\nthree\n'));
    await runSnippet(snippet('ts', `const x: number = 1;\nawait import('@cloudless/core');\nif (x !== 1) throw x;\n`));
  });

  it.each([
    snippet('sh', 'false\ntrue\n'),
    snippet('console', '$ echo one\ntwo\n'),
    snippet('console', '$ echo one two\none\n'),
    snippet('console', '$ false\n'),
    snippet('ts', `throw new Error('no');\n`),
    snippet('cobol', 'STOP RUN.\n'),
  ])('fails what does not: $language $text', async (bad) => {
    await expect(runSnippet(bad)).rejects.toThrow();
  });
});

describe('documents', () => {
  it('are there', () => {
    expect(documents()).toContain('README.md');
  });

  it.each(documents())('%s links only to what exists', (file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !fs.existsSync(path.join(root, path.dirname(file), link)))).toEqual([]);
  });

  it('do what they show', async () => {
    const snippets = documents().flatMap((file) => snippetsOf(file, fs.readFileSync(path.join(root, file), 'utf8')));
    for (const shown of snippets) {
      await expect(runSnippet(shown), `${shown.file}:${shown.line}`).resolves.toBeUndefined();
    }
  }, 600_000);
});
