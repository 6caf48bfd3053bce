import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHome } from '../../src/node/lock.js';
import { newPlace } from './world.js';

/** Another program that has the home open, as `lockHome` does it. */
const holder = `
  import { DatabaseSync } from 'node:sqlite';
  const database = new DatabaseSync(process.argv[1]);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  console.log('held');
  process.stdin.resume();
`;

describe('a home', () => {
  it('is for one program at a time', async () => {
    const place = newPlace();
    const unlock = await lockHome(place.path);
    await expect(lockHome(place.path)).rejects.toMatchObject({ code: 'busy' });
    expect(statSync(join(place.path, 'lock')).mode & 0o777).toBe(0o600);
    await unlock();
    await (await lockHome(place.path))();
    place.remove();
  });

  it('is free as soon as the program that held it was killed', async () => {
    const place = newPlace();
    await (await lockHome(place.path))();
    const args = [
      '--input-type=module',
      '--disable-warning=ExperimentalWarning',
      '-e',
      holder,
      join(place.path, 'lock'),
    ];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(lockHome(place.path)).rejects.toMatchObject({ code: 'busy' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await lockHome(place.path))();
    place.remove();
  });
});
