import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, derivation, graph, Scenario, step } from './scenario.ts';

/** `app` is being resolved on `ant`. */
function resolving(): Scenario {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(1, 'app'), build(2, 'top')], graph({ top: 'app', app: '' }));
  return farm;
}

const resolve = (farm: Scenario, name: string) =>
  farm.apply({ type: 'step-resolved', attempt: farm.attempt('app'), into: step(name) });

test('a resolved step ends with the one that it turned out to be', () => {
  const farm = resolving();
  assert.deepEqual(resolve(farm, 'real'), ['app resolved into real', 'start real on ant for 1']);
  assert.equal(farm.state('app'), 'resolved');
  assert.deepEqual(farm.succeed('real'), [
    'real succeeded',
    'build 1 succeeded',
    'start top on ant for 2',
  ]);
});

test('the failure of what a step resolved into is its own failure', () => {
  const farm = resolving();
  resolve(farm, 'real');
  assert.deepEqual(farm.fail('real'), [
    'real failed: it broke',
    'build 1 failed',
    'row of 2: real failed from 1: it broke',
    'build 2 dependency-failed',
  ]);
});

test('two steps that resolve into one are built once', () => {
  const farm = resolving();
  farm.join('bee');
  farm.queue(build(3, 'twin'), graph({ twin: '' }));
  resolve(farm, 'real');
  farm.apply({ type: 'step-resolved', attempt: farm.attempt('twin'), into: step('real') });
  const ends = farm.succeed('real').filter((line) => line.startsWith('build'));
  assert.deepEqual(ends, ['build 1 succeeded', 'build 3 succeeded, cached']);
});

test('a step that resolves into what needs it is refused', () => {
  const farm = resolving();
  resolve(farm, 'top');
  assert.match(farm.refusals[0] ?? '', /^circle: /);
  assert.equal(farm.state('app'), 'leased');
});

test('what only a withdrawn build resolved into is stopped', () => {
  const farm = resolving();
  resolve(farm, 'real');
  farm.withdraw(2);
  assert.deepEqual(farm.withdraw(1), ['stop real on ant', 'real cancelled']);
});

/** `app` needs what `maker` produces. */
function unfolding(): Scenario {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), [{ ...step('app', 'maker'), unfolds: true }, step('maker')]);
  return farm;
}

const unfold = (farm: Scenario, name: string, unfoldsAgain = false) => {
  const produced = { derivation: derivation('app'), inputs: [derivation(name)] };
  const steps = [step(name)];
  return farm.apply({ type: 'step-unfolded', produced: { ...produced, steps, unfoldsAgain } });
};

test('a step waits for what its inputs produced', () => {
  const farm = unfolding();
  assert.deepEqual(farm.succeed('maker'), ['maker succeeded', 'unfold app']);
  assert.equal(farm.farm.view.whyWaiting(derivation('app'))?.type, 'unfolding');
  assert.deepEqual(unfold(farm, 'made'), ['start made on ant for 1']);
  assert.deepEqual(farm.succeed('made'), ['made succeeded', 'start app on ant for 1']);
});

test('what was produced may produce in turn', () => {
  const farm = unfolding();
  farm.succeed('maker');
  unfold(farm, 'made', true);
  assert.deepEqual(farm.succeed('made'), ['made succeeded', 'unfold app']);
});

test('producers that are there already are unfolded at once', () => {
  const farm = new Scenario();
  assert.deepEqual(farm.queue(build(1, 'app'), [{ ...step('app'), unfolds: true }]), [
    'unfold app',
  ]);
});

test('a step whose inputs produced nonsense ends as aborted', () => {
  const farm = unfolding();
  farm.succeed('maker');
  const failed = {
    type: 'unfolding-failed',
    derivation: derivation('app'),
    message: 'no',
  } as const;
  assert.deepEqual(farm.apply(failed), ['row of 1: app aborted: no', 'build 1 aborted']);
});

test('an answer that nobody asked for is refused', () => {
  const farm = unfolding();
  unfold(farm, 'made');
  assert.match(farm.refusals[0] ?? '', /^unknown-step: nobody asked/);
});
