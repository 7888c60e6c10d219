import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../identity.ts';
import { build, derivation, resultOf, Scenario, step } from '../testing/scenario.ts';

/** What it is to build `app` follows from its inputs, which are there. */
function resolving(): Scenario {
  const farm = new Scenario();
  farm.join('ant');
  const floating = { ...step('app'), unfolds: true };
  farm.queue([build(1, 'app'), build(2, 'top')], [step('top', 'app'), floating]);
  return farm;
}

const resolution = (name: string, into: string) =>
  ({
    type: 'step-resolved',
    resolved: {
      derivation: derivation(name),
      into: derivation(into),
      steps: [step(into)],
      result: null,
    },
  }) as const;

const resolve = (farm: Scenario, name: string, into: string) => farm.apply(resolution(name, into));

test('a resolved step ends with the one that it turned out to be', () => {
  const farm = resolving();
  assert.deepEqual(resolve(farm, 'app', 'real'), [
    'row of 1: app resolved into real',
    'start real on ant for 1',
  ]);
  assert.equal(farm.state('app'), 'resolved');
  assert.deepEqual(farm.succeed('real'), [
    'real succeeded',
    'let app go',
    'build 1 succeeded',
    'start top on ant for 2',
  ]);
});

test('what was built before is not built again: early cut-off', () => {
  const farm = resolving();
  const result = resultOf(step('app'));
  const resolved = { derivation: derivation('app'), into: derivation('real'), steps: [], result };
  assert.deepEqual(farm.apply({ type: 'step-resolved', resolved }), [
    'row of 1: app resolved into real',
    'let app go',
    'build 1 succeeded, cached',
    'start top on ant for 2',
  ]);
});

test('what was resolved before the farm began is not resolved again', () => {
  const farm = new Scenario();
  farm.join('ant');
  const app = { ...step('app', 'real'), unfolds: true, resolvedInto: derivation('real') };
  assert.deepEqual(farm.queue(build(1, 'app'), [app, step('real')]), ['start real on ant for 1']);
  assert.deepEqual(farm.succeed('real'), ['real succeeded', 'let app go', 'build 1 succeeded']);
});

test('what a step was resolved into before may be gone: then it is resolved again', () => {
  const farm = new Scenario();
  const app = { ...step('app', 'real'), unfolds: true, resolvedInto: derivation('real') };
  assert.deepEqual(farm.queue(build(1, 'app'), [app]), ['unfold app']);
});

test('the failure of what a step resolved into is its own failure', () => {
  const farm = resolving();
  resolve(farm, 'app', 'real');
  assert.deepEqual(farm.fail('real'), [
    'real failed: it broke',
    'let app go',
    'build 1 failed',
    'row of 2: real failed from 1: it broke',
    'build 2 dependency-failed',
  ]);
});

test('limits of what a build resolved into are those of the build', () => {
  const farm = new Scenario();
  farm.join('ant');
  const app = { ...step('app'), unfolds: true };
  farm.queue(build(1, 'app', { maxSilentSeconds: 5, timeoutSeconds: 6 }), [app]);
  const effects = farm.farm.apply(resolution('app', 'real'), instant(0));
  const start = effects.find((effect) => effect.type === 'start-attempt');
  assert.deepEqual([start?.maxSilentSeconds, start?.timeoutSeconds, start?.isOwn], [5, 6, true]);
});

test('two steps that resolve into one are built once', () => {
  const farm = resolving();
  farm.join('bee');
  farm.queue(build(3, 'twin'), [{ ...step('twin'), unfolds: true }]);
  resolve(farm, 'app', 'real');
  assert.deepEqual(resolve(farm, 'twin', 'real'), ['row of 3: twin resolved into real']);
  const ends = farm.succeed('real').filter((line) => line.startsWith('build'));
  assert.deepEqual(ends, ['build 1 succeeded', 'build 3 succeeded, cached']);
});

test('a step that resolves into what needs it is refused', () => {
  const farm = resolving();
  resolve(farm, 'app', 'top');
  assert.match(farm.refusals[0] ?? '', /^circle: /);
  assert.equal(farm.state('app'), 'unfolding');
});

test('a step that resolves into what nobody knows is refused', () => {
  const farm = resolving();
  const into = derivation('real');
  const resolved = { derivation: derivation('app'), into, steps: [], result: null };
  farm.apply({ type: 'step-resolved', resolved });
  assert.match(farm.refusals[0] ?? '', /^unknown-step: /);
});

test('what only a withdrawn build resolved into is stopped', () => {
  const farm = resolving();
  resolve(farm, 'app', 'real');
  farm.withdraw(2);
  assert.deepEqual(farm.withdraw(1), ['let app go', 'stop real on ant', 'real cancelled']);
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
