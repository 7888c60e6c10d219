import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grantable } from '../../api/contract.ts';
import { hiddenProjects, may } from './visitor.ts';
import type { User, Visitor } from './visitor.ts';

const rights = grantable.options;
const anyUser: fc.Arbitrary<User> = fc.record({
  name: fc.string(),
  fullName: fc.constant(null),
  roles: fc.subarray([...rights, 'unheard-of']),
  projects: fc.subarray(['nixpkgs', 'nixos']),
});
const anyRight = fc.constantFrom(...rights);
const anyProject = fc.option(fc.constantFrom('nixpkgs', 'nixos', 'other'), { nil: undefined });

test('whoever does not say who it is may do nothing, and sees nothing hidden', () => {
  for (const right of rights) assert.equal(may({ type: 'anonymous' }, right, 'nixpkgs'), false);
  assert.deepEqual(hiddenProjects({ type: 'anonymous' }), []);
});

test('an administrator may do everything', () => {
  const visitor: Visitor = {
    type: 'session',
    user: { name: 'a', fullName: null, roles: ['admin'], projects: [] },
  };
  for (const right of rights) assert.ok(may(visitor, right));
  assert.equal(hiddenProjects(visitor), 'all');
});

test('a member of a project may bump, cancel, restart and evaluate in it, and nowhere else', () => {
  const visitor: Visitor = {
    type: 'session',
    user: { name: 'm', fullName: null, roles: [], projects: ['nixpkgs'] },
  };
  assert.deepEqual(
    rights.filter((right) => may(visitor, right, 'nixpkgs')),
    ['bump-to-front', 'cancel-build', 'restart-jobs', 'eval-jobset'],
  );
  assert.ok(!rights.some((right) => may(visitor, right, 'nixos')));
  assert.ok(!rights.some((right) => may(visitor, right)));
});

test('a token never may do what its user may not, nor what is not among its scopes', () => {
  fc.assert(
    fc.property(
      anyUser,
      fc.subarray([...rights]),
      anyRight,
      anyProject,
      (user, scopes, right, project) => {
        if (!may({ type: 'token', user, scopes }, right, project)) return;
        assert.ok(may({ type: 'session', user }, right, project));
        assert.ok(scopes.includes(right) || scopes.includes('admin'));
      },
    ),
  );
});
