import { expect, test } from 'vitest';
import { World } from './world.js';

test('what others did below a directory is done once no link that leads out stands there any more', () => {
  const world = new World(17);
  const a = world.add();
  const b = world.add();
  for (const name of ['changed', 'removed', 'below/changed']) a.disk.write(`d/${name}`, 'old');
  world.converge();
  b.disk.rename('d', 'kept');
  b.disk.symlink('d', '/elsewhere');
  world.converge();
  for (const name of ['changed', 'new', 'below/changed', 'below/new']) a.disk.write(`d/${name}`, `${name}, new`);
  a.disk.remove('d/removed');
  world.converge();
  expect(b.disk.nodes.get('d')).toMatchObject({ target: '/elsewhere' });
  expect(b.tree.status().unsyncable).toBeGreaterThan(1);
  b.disk.remove('d');
  b.disk.rename('kept', 'd');
  world.converge();
  expect(b.tree.status().unsyncable).toBe(0);
  expect(b.disk.listing()).toEqual(a.disk.listing());
  expect(b.disk.text('d/below/changed')).toBe('below/changed, new');
  expect(b.disk.text('d/new')).toBe('new, new');
});
