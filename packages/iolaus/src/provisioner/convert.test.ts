import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration } from '../configuration/configuration.ts';
import { provisionerSchema } from './configuration.ts';
import { refuseContradictions } from './contradictions.ts';
import { convertConfiguration, oldConfigurationSchema } from './convert.ts';

test('everything that the old configuration could say is said in the new one', () => {
  const old = oldConfigurationSchema.parse({
    tag: 'farm',
    systemTypes: {
      'x86_64-linux': { nixopsExpr: './x86.nix', minMachines: 1, maxMachines: 4, maxJobs: 8 },
      'x86_64-linux,i686-linux:kvm,nixos-test': {
        runnablesPerMachine: 5,
        ignoredRunnables: 2,
        speedFactor: 2,
        stopOnIdle: true,
        gracePeriod: 600,
      },
    },
  });
  const text = convertConfiguration(old);
  assert.match(text, /x86_64-linux was made by \.\/x86\.nix/);
  const made = parseConfiguration('new.toml', text, provisionerSchema);
  refuseContradictions('new.toml', made);
  assert.equal(made.owner, 'farm');
  const [plain, special] = made.pools;
  assert.deepEqual(plain?.systems, ['x86_64-linux', 'i686-linux']);
  assert.deepEqual([plain.min, plain.max, plain.maxJobs, plain.runnablesPerMachine], [1, 4, 8, 10]);
  assert.deepEqual([plain.whenIdle, plain.billingStep], ['destroy', 3_600_000]);
  assert.deepEqual(special?.mandatoryFeatures, ['kvm', 'nixos-test']);
  assert.deepEqual([special.ignoredRunnables, special.speedFactor], [2, 2]);
  assert.deepEqual([special.whenIdle, special.gracePeriod], ['stop', 600_000]);
});
