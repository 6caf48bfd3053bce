import { describe, expect, test } from 'vitest';
import { archived, files, held, minuteMs, remove, shared, state, write } from './brake-kit.js';

describe('overwrites', () => {
  test('[FIL-63] more than 500 and half of the files are held here, and rejected go into the archive', () => {
    const [world, a, b] = shared(600);
    write(a, 500, 'x');
    world.converge();
    expect(state(a)).toBe('inStep');
    expect(b.disk.text('dir0/0')).toBe('x of 0');
    world.nowMs += 20 * minuteMs;
    write(a, 501, 'cipher');
    a.disk.write('ransom', 'pay');
    world.converge();
    expect(held(a)).toBe(501);
    expect(b.disk.text('dir0/0')).toBe('x of 0');
    expect(b.disk.text('ransom')).toBe('pay');
    a.disk.write('dir0/0', 'cipher again');
    write(a, 10, 'cipher', 501);
    world.converge();
    expect(held(a)).toBe(511);
    a.tree.brake.reject();
    world.converge();
    expect(a.disk.text('dir0/0')).toBe('x of 0');
    expect(archived(a)).toContain('cipher again');
    expect(archived(a)).toHaveLength(511);
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(state(a)).toBe('inStep');
  }, 60_000);

  test('are held elsewhere too, and rejected there give way to what stands there', () => {
    const [world, a, b] = shared(600);
    write(a, 550, 'cipher');
    world.converge();
    a.tree.brake.approve();
    world.converge();
    // What came before the last of the 500 has gone on.
    const waiting = held(b);
    expect(waiting).toBeGreaterThanOrEqual(50);
    const kept = [...b.disk.nodes.keys()].filter((path) => b.disk.text(path)?.startsWith('text'));
    expect(kept).toHaveLength(waiting + 50);
    b.tree.brake.reject();
    world.converge();
    for (const path of kept) expect(a.disk.text(path)).toMatch(/^text/);
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(archived(a)).toHaveLength(waiting);
    expect(a.tree.status().conflicts).toBe(0);
  }, 60_000);

  test('that only change times are no overwrites', () => {
    const [world, a, b] = shared(600);
    for (let i = 0; i < 600; i++) a.disk.write(`dir${i % 4}/${i}`, `text of ${i}`);
    world.converge();
    expect([state(a), state(b)]).toEqual(['inStep', 'inStep']);
  }, 60_000);
});

describe('conflicts', () => {
  test('more than 50 an hour that one device brings about wait', () => {
    const [world, a, b] = shared(100);
    write(a, 60, 'by a');
    write(b, 60, 'by b');
    world.converge();
    expect(state(a)).toBe('braked');
    expect(state(b)).toBe('braked');
    expect(a.tree.status().reason).toContain('brought about conflicts at');
    expect(a.disk.text('dir0/0')).toBe('by a of 0');
    expect(b.disk.text('dir0/0')).toBe('by b of 0');
    a.tree.brake.approve();
    b.tree.brake.approve();
    world.converge();
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(files(a)).toBe(160);
  });
});

test('after something odd about the root little is too much', () => {
  const [world, a, b] = shared(1_000);
  a.disk.rootState = { state: 'ok', nonce: 'n', place: 'elsewhere' };
  remove(a, 11);
  world.nowMs += minuteMs;
  world.settle();
  world.converge();
  expect(held(a)).toBe(11);
  expect(files(b)).toBe(1_000);
  a.tree.brake.approve();
  world.converge();
  world.nowMs += 20 * minuteMs;
  remove(a, 30, 11);
  world.converge();
  expect(state(a)).toBe('inStep');
});
