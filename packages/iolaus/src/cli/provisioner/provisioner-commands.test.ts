import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfiguration } from '../../configuration/configuration.ts';
import { provisionerSchema } from '../../provisioner/configuration.ts';
import { refuseContradictions } from '../../provisioner/contradictions.ts';
import { serveScene } from '../../runner/http/testing/serve-scene.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

const page = readFileSync(new URL('../../../../../docs/provisioner.md', import.meta.url), 'utf8');

test('the configuration on the page about provisioners is one', () => {
  const example = /```toml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const configuration = parseConfiguration('example.toml', example, provisionerSchema);
  refuseContradictions('example.toml', configuration);
  assert.equal(configuration.pools[0]?.offers.length, 2);
});

test('a plan is told with its reasons, and is not carried out; the old configuration is converted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provisioner-'));
  try {
    await using runner = await serveScene({});
    const file = join(folder, 'farm.toml');
    const old = join(folder, 'conf.json');
    await writeFile(
      file,
      `runner = "${runner.url}"\nstateDirectory = "${folder}"\n` +
        `[drivers.here]\ntype = "local"\ndirectory = "${folder}/machines"\n` +
        '[[pools]]\nname = "risc"\ndriver = "here"\nsystems = ["riscv64-linux"]\n',
    );
    const planned = await runIolaus(['provisioner', 'plan', '--config', file]);
    assert.equal(planned.status, 0, planned.stderr);
    assert.match(planned.stdout, /^risc: 0 there .* 1 wanted: 1 steps can start/);
    assert.match(planned.stdout, /create iolaus-risc-\w+-0: /);
    assert.deepEqual(runner.asked, []);
    const swept = await runIolaus(['provisioner', 'sweep', '--config', file]);
    assert.equal(swept.stdout, 'There are none.\n');

    await writeFile(old, '{"systemTypes":{"x86_64-linux":{"maxMachines":7}}}');
    const converted = await runIolaus(['provisioner', 'convert', old]);
    assert.match(converted.stdout, /max = 7/);
    await writeFile(old, '{"systems":{}}');
    const refused = await runIolaus(['provisioner', 'convert', old]);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /is no configuration of hydra-provisioner/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
