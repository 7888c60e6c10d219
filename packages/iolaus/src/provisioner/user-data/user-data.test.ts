import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { anOrder } from '../testing/order.ts';
import { builderToml } from './builder-settings.ts';
import { cloudInit } from './cloud-init.ts';
import { nixosUserData } from './nixos.ts';

const cloudConfig = z.object({
  write_files: z.array(
    z.object({ path: z.string(), permissions: z.string(), content: z.string() }),
  ),
  runcmd: z.array(z.array(z.string())),
});

test('the builder on a new machine is what its pool says', () => {
  assert.deepEqual(
    { ...parse(builderToml(anOrder())) },
    {
      systems: ['x86_64-linux'],
      supportedFeatures: ['kvm'],
      mandatoryFeatures: [],
      maxJobs: 2,
      speedFactor: 1,
    },
  );
});

test('cloud-init writes the settings and the token, which only root can read, and starts the builder', () => {
  const text = cloudInit(anOrder());
  assert.match(text, /^#cloud-config\n/);
  const { write_files: files, runcmd } = cloudConfig.parse(
    JSON.parse(text.slice(text.indexOf('\n'))),
  );
  const token = files.find(({ path }) => path.endsWith('/token'));
  assert.deepEqual([token?.permissions, token?.content], ['0600', "a'token\n"]);
  const unit = files.find(({ path }) => path.endsWith('.service'))?.content ?? '';
  assert.match(unit, /"--exit-when-idle" "900s"/);
  assert.match(unit, /ExecStopPost=.*poweroff/);
  assert.doesNotMatch(unit, /a'token/);
  assert.ok(runcmd.some((words) => words.includes('iolaus-builder.service')));
});

test('the script for NixOS is one, whatever is in the token', () => {
  const script = nixosUserData(anOrder());
  execFileSync('bash', ['-n'], { input: script });
  const line = script.split('\n').find((each) => each.endsWith('> /run/iolaus/token')) ?? '';
  const printed = execFileSync('bash', ['-c', line.replace(/ > .*/, '')], { encoding: 'utf8' });
  assert.equal(printed, "a'token");
});
