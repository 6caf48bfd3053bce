import type { Mutant } from './mutant.js';

const src = 'packages/core/src';
const rot = 'packages/core/test/engine/tree/rot.test.ts';
const node = 'packages/core/test/node';

/** What a disk loses, and what else is kept of a file. */
export const mutants: readonly Mutant[] = [
  {
    id: 'damage-is-an-act',
    file: `${src}/tree/facts.ts`,
    find: 'const damaged = !held && disk?.damaged === true && isLiveBase(announced);',
    replace: 'const damaged = false;',
    breaks: 'what one disk lost is not put on all others',
    test: rot,
    title: 'what a disk lost is fetched again, is told, and nobody records it',
  },
  {
    id: 'damage-is-settled',
    file: `${src}/tree/facts.ts`,
    find: 'const settled = !held && !damaged && (local',
    replace: 'const settled = !held && (local',
    breaks: 'what a disk lost comes back',
    test: rot,
    title: 'what a disk lost is fetched again, is told, and nobody records it',
  },
  {
    id: 'damage-unseen',
    file: `${src}/engine/tree/disk/scan.ts`,
    find: 'if (tables.seen(row.path)?.row.damaged === true) return;',
    replace: '',
    breaks: 'damage is not forgotten by the next look at the disk',
    test: rot,
    title: 'while nobody has the content, what is there stays; a person may take it as it is',
  },
  {
    id: 'misread-untold',
    file: `${src}/engine/tree/folder-tree.ts`,
    find: 'for (const path of paths) this.#core.doubts.add(path);',
    replace: '',
    breaks: 'a chunk that can not be sent is looked into',
    test: rot,
    title: 'a chunk that does not fit any more is told of, and comes back',
  },
  {
    id: 'late-act-is-damage',
    file: `${src}/engine/tree/disk/rot.ts`,
    find: 'if (this.#mayBeAct(base)) return core.see(read, content);',
    replace: '',
    breaks: 'what was just written through a mapping is not undone',
    test: rot,
    title: 'what was written without a trace right after it was recorded is an act',
  },
  {
    id: 'forgotten-vector',
    file: `${src}/engine/tree/brake/forgotten.ts`,
    find: "tables.mark('offered', path);",
    replace: '',
    breaks: 'old files that come back win over nothing',
    test: 'packages/core/test/engine/tree/forgotten.test.ts',
    title: 'is shared anew once approved, and gives way to whatever others have there',
  },
  {
    id: 'holes-over-garbage',
    file: `${src}/node/files/holes.ts`,
    find: ' || !isZeroAt(handle, offset + at)',
    replace: '',
    breaks: 'a file is what it was elsewhere, whatever an earlier try left',
    test: `${node}/holes.test.ts`,
    title: 'keeps nothing that an earlier try left where its holes are',
  },
  {
    id: 'linked-names-together',
    file: `${src}/node/files/apply.ts`,
    find: 'if (stats?.isFile() !== true || stats.nlink === 1n) return;',
    replace: 'return;',
    breaks: 'a new mode of one name is none of another',
    test: `${node}/apply.test.ts`,
    title: 'is its own: another name of the file keeps bytes, time and mode',
  },
  {
    id: 'owner-lost',
    file: `${src}/node/files/prepared.ts`,
    find: 'if (old?.isFile() === true) keepOwner(handle, old);',
    replace: '',
    breaks: 'files keep their owners',
    test: `${node}/apply.test.ts`,
    title: 'stays: its owner, its group, and who may read it',
  },
  {
    id: 'place-of-a-folder-away',
    file: `${src}/node/files/roots.ts`,
    find: "check(!same, 'nested-folder'",
    replace: "check(!same || own === undefined, 'nested-folder'",
    breaks: 'no folder is made where another one is, whose disk is not mounted',
    test: `${node}/roots.test.ts`,
    title: 'does not overlap a folder whose disk is not mounted',
  },
];
