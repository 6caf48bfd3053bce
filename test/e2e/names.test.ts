import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { settle, twoDevices } from './kit.js';
import { treeOf } from './tree.js';

interface Checks {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];

it('[FIL-92] names that can not be said and kinds that are not synced stay, while all else goes on', async () => {
  const longest = 'n'.repeat(255);
  const deep = Array.from({ length: 60 }, (_, i) => `directory-${i}`).join('/');
  const { ada, ben, adas, bens } = await twoDevices({
    fill: (root) => {
      fs.mkdirSync(path.join(root, 'd'));
      fs.mkdirSync(path.join(root, deep), { recursive: true });
      fs.mkdirSync(path.join(root, decomposed));
      for (const name of ['d/x', longest, `${'é'.repeat(127)}x`, `${deep}/deep`, `${decomposed}/${decomposed}`])
        fs.writeFileSync(path.join(root, name), name);
      for (const name of ['twin-\u00e9', 'twin-e\u0301']) fs.writeFileSync(path.join(root, name), name);
      fs.writeFileSync(oddFile(root), 'odd');
      execFileSync('mkfifo', [path.join(root, 'pipe')]);
    },
  });
  await settle(ada, ben);
  expect(treeOf(bens)).toMatchObject({
    'd/x': {},
    [longest]: {},
    [`${deep}/deep`]: {},
    [`${composed}/${composed}`]: {},
  });
  expect(fs.readdirSync(bens)).not.toContain('pipe');
  expect(fs.readdirSync(bens).filter((name) => name.startsWith('twin'))).toEqual(['twin-\u00e9']);
  const [folder] = (await ada.json<Checks>(['doctor'])).checks.filter(({ name }) => name.startsWith('folder'));
  expect(folder?.detail).toContain('its name is not UTF-8');
  expect((await ada.run(['doctor'])).stdout).toContain('d/a\\xff\\xfe');
  expect((await ada.status()).unsyncable).toBe(3);
  expect((await ada.run(['why', path.join(adas, 'pipe')])).stdout).toContain(
    'neither a file, a directory nor a symlink',
  );
  expect((await ada.run(['why', path.join(adas, 'd/a\ufffd\ufffd')])).stdout).toContain('its name is not UTF-8');

  fs.rmSync(path.join(bens, 'd'), { recursive: true });
  fs.writeFileSync(path.join(bens, composed, composed), 'changed by ben');
  await settle(ada, ben);
  expect(fs.readFileSync(oddFile(adas), 'utf8')).toBe('odd');
  expect(fs.existsSync(path.join(adas, 'd/x'))).toBe(false);
  expect(fs.readdirSync(bens)).not.toContain('d');
  expect(fs.readdirSync(path.join(adas, decomposed))).toEqual([decomposed]);
  expect(fs.readFileSync(path.join(adas, decomposed, decomposed), 'utf8')).toBe('changed by ben');

  fs.rmSync(oddFile(adas));
  fs.writeFileSync(path.join(adas, decomposed, decomposed), 'changed by ada');
  await settle(ada, ben);
  expect(fs.readFileSync(path.join(bens, composed, composed), 'utf8')).toBe('changed by ada');
  expect(fs.readdirSync(adas)).not.toContain('d');
  expect((await ada.status()).unsyncable).toBe(2);
}, 120_000);

/** A file in `d` whose name is no text. */
function oddFile(root: string): Buffer {
  return Buffer.concat([Buffer.from(path.join(root, 'd/a')), Buffer.from([0xff, 0xfe])]);
}
