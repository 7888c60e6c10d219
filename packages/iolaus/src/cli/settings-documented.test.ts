import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { builderConfigurationSchema } from '../builder/configuration.ts';
import { runnerConfigurationSchema } from '../runner/settings/configuration.ts';

const page = readFileSync(new URL('../../../../docs/operating.md', import.meta.url), 'utf8');

test('every key of the configuration files is on the page about operating', () => {
  const keys = [
    ...Object.keys(runnerConfigurationSchema.shape),
    ...Object.keys(builderConfigurationSchema.shape),
  ];
  assert.deepEqual(
    keys.filter((key) => !page.includes(`\`${key}\``)),
    [],
  );
});
