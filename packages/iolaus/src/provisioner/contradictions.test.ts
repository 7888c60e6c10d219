import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration } from '../configuration/configuration.ts';
import { Fault } from '../fault/fault.ts';
import { provisionerSchema } from './configuration.ts';
import { refuseContradictions } from './contradictions.ts';

const head = 'maxMachines = 9\n[drivers.here]\ntype = "local"\ndirectory = "/x"\n';
const pool = '[[pools]]\nname = "p"\ndriver = "here"\nsystems = ["x"]\n';

function refused(text: string, words: RegExp): void {
  assert.throws(
    () => {
      const file = 'farm.toml';
      refuseContradictions(file, parseConfiguration(file, text, provisionerSchema));
    },
    (error) =>
      error instanceof Fault && error.code === 'bad-configuration' && words.test(error.message),
    text,
  );
}

test('limits that contradict each other are told, by pool and key', () => {
  refused(`${head}${pool}min = 3\nmax = 2\n`, /in pool p, min is 3, which is more than max, 2/);
  refused(`${head}${pool}warm = 3\nmax = 2\n`, /warm is 3, which is more than max, 2/);
  refused(`${head}${pool}min = 10\nmax = 20\n`, /min is 10, which is more than maxMachines, 9/);
  refused(`${head}${pool}${pool}`, /two pools are called p/);
  refused(`${head}${pool.replace('here', 'there')}`, /there is no driver there/);
  refused(`${head}${pool}whenIdle = "stop"\n`, /a driver of type local cannot do/);
});

test('a limit of cost wants prices', () => {
  const offer = '[[pools.offers]]\nname = "small"\n';
  refused(`maxCostPerHour = 5.0\n${head}${pool}`, /no price is given for its machines/);
  refused(`maxCostPerDay = 5.0\n${head}${pool}${offer}`, /no price is given for small/);
  const spot = `${offer}spot = true\nprice = 1.0\n`;
  refused(`${head}${pool}onDemandBase = 1\n${spot}`, /onDemandBase is 1, but every offer is spot/);
});

test('a time that is none, and a key that is none, are told with their lines', () => {
  refused(`tick = "soon"\n${head}`, /line 1: tick is the text "soon"/);
  refused(`runner = "unix:///x"\n${head}`, /line 1: runner is the text "unix:/);
  refused(`${head}${pool}maximum = 3\n`, /there is no setting pools\[0\].maximum/);
});
