import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import { settle, twoDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

/** Keeps a file open; each call writes over all of it, wherever it is by then. */
function opened(file: string): (text: string) => void {
  const handle = fs.openSync(file, 'r+');
  return (text) => {
    fs.ftruncateSync(handle, 0);
    fs.writeSync(handle, text, 0);
  };
}

describe('a program that has a file open', () => {
  it('keeps what it writes after somebody else replaced or removed the file', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => {
        for (const name of ['draft.txt', 'list.txt']) fs.writeFileSync(path.join(directory, name), 'old\n');
      },
    });
    await settle(ada, ben);
    const writeDraft = opened(path.join(bens, 'draft.txt'));
    const writeList = opened(path.join(bens, 'list.txt'));
    fs.writeFileSync(path.join(adas, 'draft.txt'), 'by Ada\n');
    fs.rmSync(path.join(adas, 'list.txt'));
    await arrives(path.join(bens, 'draft.txt'), 'by Ada\n');
    await arrives(path.join(bens, 'list.txt'), undefined);
    writeDraft('by Ben, who had it open\n');
    writeList('milk\n');
    await arrives(path.join(adas, 'draft.txt'), 'by Ben, who had it open\n');
    await arrives(path.join(adas, 'list.txt'), 'milk\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    const copies = conflictCopies(adas);
    expect(copies).toHaveLength(1);
    expect(fs.readFileSync(path.join(adas, copies[0] as string), 'utf8')).toBe('by Ada\n');
  });
});
