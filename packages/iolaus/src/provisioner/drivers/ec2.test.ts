import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConversation } from '../testing/conversation.ts';
import { anOrder } from '../testing/order.ts';
import { DriverError } from './driver.ts';
import type { Driver } from './driver.ts';
import { openEc2Driver } from './ec2.ts';
import { classify } from './ec2-errors.ts';

/** `IOLAUS_RECORD_EC2=http://…` records anew, with moto (docs/provisioner.md). */
const upstream = process.env['IOLAUS_RECORD_EC2'];
// No real account has these; signatures are not part of what is recorded.
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });

type Scene = AsyncDisposable & { readonly driver: Driver };

async function scene(name: string, settings: object = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const file = new URL(`../../../fixtures/conversations/ec2-${name}.json`, import.meta.url);
  const { url: endpoint } = stack.use(
    await openConversation(file, name === 'empty-fleet' ? undefined : upstream),
  );
  const driver = openEc2Driver(
    {
      type: 'ec2',
      region: 'eu-central-1',
      endpoint,
      launchTemplate: 'iolaus-builder',
      launchTemplateVersion: '$Default',
      subnets: [],
      userData: 'cloud-init',
      ...settings,
    },
    { owner: 'us' },
  );
  stack.use(driver);
  return { driver, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('an instance is launched by its template with its marks, once for a name, and ended', async () => {
  await using conversation = await scene('one');
  const { driver } = conversation;
  const order = anOrder('us-p-one');
  await driver.create(order);
  await driver.create(order);
  const [machine, ...others] = await driver.list();
  assert.deepEqual(others, []);
  assert.ok(machine !== undefined);
  const { name, pool, offer, generation, isInterrupted } = machine;
  assert.deepEqual(
    { name, pool, offer, generation, isInterrupted },
    {
      name: 'us-p-one',
      pool: 'p',
      offer: 'default',
      generation: order.generation,
      isInterrupted: false,
    },
  );
  assert.ok(machine.createdAt > 1e12);
  await driver.destroy(machine);
  await driver.destroy(machine);
  const left = await driver.list();
  assert.ok(left.every(({ state }) => state === 'stopping'));
});

test('a spot instance is asked for as one, and can be stopped and started where it is not', async () => {
  await using conversation = await scene('spot');
  const { driver } = conversation;
  const offers = [{ name: 'spot', type: 'c5.large', spot: true, price: 1 }];
  await driver.create(anOrder('us-p-spot', { offers }));
  await driver.create(anOrder('us-p-steady'));
  const listed = await driver.list();
  const steady = listed.find(({ name }) => name === 'us-p-steady');
  assert.ok(steady !== undefined);
  await driver.stop?.(steady);
  const states = new Map((await driver.list()).map(({ name, state }) => [name, state]));
  assert.equal(states.get('us-p-steady'), 'stopped');
  await driver.start?.(steady);
  for (const machine of listed) await driver.destroy(machine);
});

test('several types make a fleet, whose user data is in a version of the template that goes away', async () => {
  await using conversation = await scene('fleet');
  const { driver } = conversation;
  await driver.create(anOrder('us-p-fleet', { offers, image: 'ami-12c6146b' }));
  const [machine, ...others] = await driver.list();
  assert.deepEqual([machine?.name, machine?.offer, others], ['us-p-fleet', 'any', []]);
  assert.ok(machine !== undefined);
  await driver.create(anOrder('us-p-fleet', { offers, image: 'ami-12c6146b' }));
  await driver.destroy(machine);
});

// Written by hand: moto always has machines.
test('a fleet that got nothing is a lack of capacity', async () => {
  await using conversation = await scene('empty-fleet');
  await assert.rejects(
    conversation.driver.create(anOrder('us-p-empty', { offers })),
    (error) => error instanceof DriverError && error.failure === 'capacity',
  );
});

const offers = [{ name: 'any', type: 'c5.large,m5.large', spot: true, price: 1 }];

test('a template that is not there is a mistake in the configuration', async () => {
  await using conversation = await scene('no-template', { launchTemplate: 'nobody-made-it' });
  await assert.rejects(
    conversation.driver.create(anOrder('us-p-none')),
    (error) => error instanceof DriverError && error.failure === 'configuration',
  );
});

test("Amazon's codes are told apart by what helps", () => {
  const kinds = {
    InsufficientInstanceCapacity: 'capacity',
    SpotMaxPriceTooLow: 'capacity',
    MaxSpotInstanceCountExceeded: 'quota',
    VcpuLimitExceeded: 'quota',
    RequestLimitExceeded: 'rate',
    ExpiredToken: 'credentials',
    UnauthorizedOperation: 'credentials',
    CredentialsProviderError: 'credentials',
    'InvalidSubnetID.NotFound': 'configuration',
    TimeoutError: 'unknown',
    InternalError: 'transient',
  };
  for (const [code, kind] of Object.entries(kinds)) assert.equal(classify(code), kind, code);
});
