import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grantable } from '../../api/contract.ts';
import { ApiError } from '../http/api-error.ts';
import { identify } from './identity.ts';
import type { ProviderSettings } from './settings.ts';

const settings: ProviderSettings = {
  name: 'olympus',
  displayName: 'Olympus',
  issuer: 'https://olympus.example',
  clientId: 'farm',
  clientSecret: undefined,
  extraScopes: [],
  allowedDomains: undefined,
  roleClaim: 'hydra_roles',
  roleMapping: undefined,
};
const hera = { sub: 'h-1', email: 'hera@olympus.example' };

const refuses = (claims: object, reason: RegExp, changed: Partial<ProviderSettings> = {}): void =>
  assert.throws(
    () => identify({ ...settings, ...changed }, claims),
    (error) => error instanceof ApiError && error.status === 403 && reason.test(error.message),
  );

test('a subject of a provider is an account by the names of both', () => {
  const claims = { ...hera, email_verified: true, name: 'Hera \u202eof Samos' };
  const known = { username: 'olympus:h-1', email: hera.email, fullName: 'Hera of Samos' };
  assert.deepEqual(identify(settings, claims), { ...known, roles: null });
});

test('whoever has no address, or one that nobody has verified, is told so', () => {
  refuses({ sub: 'h-1' }, /does not tell your e-mail address/);
  refuses({ ...hera, email_verified: false }, /hera@olympus\.example is not verified/);
  refuses({ ...hera, email_verified: 'false' }, /is not verified/);
});

test('only addresses of the allowed domains are let in, and none that merely end like them', () => {
  const allowedDomains = ['Olympus.example'];
  assert.ok(identify({ ...settings, allowedDomains }, { ...hera, email: 'h@OLYMPUS.example' }));
  for (const email of ['h@tartarus.example', 'h@notolympus.example', 'h@sub.olympus.example']) {
    refuses({ ...hera, email }, /are not let in here; yours is/, { allowedDomains });
  }
  refuses(hera, /are not let in here/, { allowedDomains: [] });
});

test('roles come from a claim, as they are or as they are mapped, wherever it is', () => {
  const rolesOf = (claims: object, changed: Partial<ProviderSettings> = {}) =>
    identify({ ...settings, ...changed }, { ...hera, ...claims }).roles;
  assert.deepEqual(rolesOf({ hydra_roles: ['restart-jobs', 'gods', 'admin'] }), [
    'admin',
    'restart-jobs',
  ]);
  assert.deepEqual(rolesOf({ hydra_roles: 'admin' }), ['admin']);
  assert.deepEqual(rolesOf({ hydra_roles: [] }), []);
  const mapped = { roleClaim: 'realm.groups', roleMapping: { gods: ['admin' as const] } };
  assert.deepEqual(rolesOf({ realm: { groups: ['gods', 'admin', 'toString'] } }, mapped), [
    'admin',
  ]);
  assert.deepEqual(rolesOf({ 'realm.groups': ['mortals'] }, mapped), []);
  assert.equal(rolesOf({ realm: 'none' }, mapped), null);
});

test('whatever a provider says, somebody is known with roles that there are, or refused', () => {
  const anything = fc.dictionary(
    fc.constantFrom('sub', 'email', 'email_verified', 'name', 'hydra_roles', '__proto__'),
    fc.oneof(fc.jsonValue(), fc.constantFrom('h-1', 'h@x.example', ['admin'])),
  );
  fc.assert(
    fc.property(anything, (claims) => {
      try {
        const { username, roles } = identify(settings, claims);
        assert.match(username, /^olympus:[\x21-\x7e]+$/);
        assert.ok(roles?.every((role) => grantable.safeParse(role).success) ?? true);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }),
  );
});
