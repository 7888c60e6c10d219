import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from './deadlines.ts';
import { instant } from '../identity.ts';

test('what is due is taken out, the earliest first, and of equals the one set first', () => {
  const deadlines = new Deadlines<string>();
  for (const [subject, at] of [
    ['late', 9],
    ['second', 5],
    ['third', 5],
    ['first', 1],
  ] as const) {
    deadlines.set(subject, instant(at));
  }
  assert.equal(deadlines.earliest(), 1);
  const taken = [1, 2, 3, 4].map(() => deadlines.takeDue(instant(5)));
  assert.deepEqual(taken, ['first', 'second', 'third', undefined]);
  assert.equal(deadlines.takeDue(instant(8)), undefined);
  assert.equal(deadlines.takeDue(instant(9)), 'late');
  assert.equal(deadlines.earliest(), undefined);
});

test('a new deadline replaces the old one, and a cleared one never comes', () => {
  const deadlines = new Deadlines<string>();
  deadlines.set('step', instant(3));
  deadlines.set('step', instant(7));
  assert.equal(deadlines.of('step'), 7);
  assert.equal(deadlines.size, 1);
  assert.equal(deadlines.takeDue(instant(6)), undefined);
  deadlines.clear('step');
  assert.equal(deadlines.takeDue(instant(100)), undefined);
  assert.equal(deadlines.of('step'), undefined);
});
