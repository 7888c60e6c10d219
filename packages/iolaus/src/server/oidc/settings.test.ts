import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { parseConfiguration } from '../../configuration/configuration.ts';
import { Fault } from '../../fault/fault.ts';
import { providersSchema, readProviders } from './settings.ts';

const schema = z.strictObject({ oidc: providersSchema });

const parse = (...lines: string[]) =>
  parseConfiguration('server.toml', ['[oidc.olympus]', ...lines].join('\n'), schema).oidc;

const needed = ['issuer = "https://olympus.example"', 'clientId = "farm"'];

const refuses = (act: () => unknown, reason: RegExp): void =>
  assert.throws(
    act,
    (error) =>
      error instanceof Fault &&
      error.code === 'bad-configuration' &&
      reason.test(`${error.message} ${error.remedy ?? ''}`),
  );

test('a provider is taken with the roles that it may give, and its secret from a credential', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oidc-'));
  try {
    await writeFile(join(folder, 'olympus'), 'hidden\n');
    const configured = parse(
      ...needed,
      'clientSecretFile = "olympus"',
      'allowedDomains = ["olympus.example"]',
      'roleMapping = { gods = ["admin"], muses = ["bump-to-front", "restart-jobs"] }',
    );
    const [provider] = readProviders(configured, { CREDENTIALS_DIRECTORY: folder });
    assert.equal(provider?.clientSecret, 'hidden');
    assert.equal(provider.displayName, 'olympus');
    assert.deepEqual(provider.roleMapping?.['muses'], ['bump-to-front', 'restart-jobs']);
    refuses(() => readProviders(configured, {}), /no credential 'olympus'.*LoadCredential=/);
    refuses(
      () => readProviders(configured, { CREDENTIALS_DIRECTORY: '/nowhere' }),
      /cannot be read/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a provider that could be listened to, or gives roles that there are not, is refused', () => {
  refuses(() => parse('issuer = "http://olympus.example"', 'clientId = "farm"'), /https:\/\//);
  refuses(() => parse(...needed, 'roleMapping = { gods = ["root"] }'), /roleMapping\.gods/);
  refuses(() => parse(...needed, 'clientSecret = "x"'), /no setting oidc\.olympus\.clientSecret/);
});
