import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationId, jobsetId } from '../identity.ts';
import { build, graph, resultOf, Scenario, step } from '../testing/scenario.ts';

const of = (evaluation: number) => ({ evaluation: evaluationId(evaluation) });

/** What is known of build times before anything runs. */
function told(seconds: Readonly<Record<string, number>>): Scenario {
  const farm = new Scenario({ maxUnsupportedSeconds: 1e9 });
  const uses = Object.entries(seconds).map(([name, time]) => {
    return { name, system: 'linux', seconds: time };
  });
  farm.apply({ type: 'history-told', uses });
  return farm;
}

const order = (farm: Scenario) => [...farm.farm.view.runnable(99)].map((next) => next.derivation);

test('the evaluation that can be done soonest comes first', () => {
  const farm = told({ long: 500, short: 10 });
  const large = [step('long-1'), step('long-2')];
  farm.queue([build(1, 'long-1', of(1)), build(2, 'long-2', of(1))], large);
  farm.queue(build(3, 'short-1', of(2)), [step('short-1')]);
  farm.join('ant');
  farm.succeed('long-1');
  const [running] = farm.farm.view.attempts();
  assert.equal(running?.derivation, 'short-1');
});

test('within an evaluation the longest predicted chain comes first', () => {
  const farm = told({ quick: 1, slow: 900, base: 5, other: 5 });
  const steps = [step('quick', 'base-1'), step('slow', 'other-1'), step('base-1'), step('other-1')];
  farm.queue([build(1, 'quick', of(1)), build(2, 'slow', of(1))], steps);
  assert.deepEqual(order(farm), ['other-1', 'base-1']);
});

test('what is learned while the farm runs changes the order at once', () => {
  const farm = told({ first: 5, second: 5 });
  farm.join('ant');
  const steps = [step('first-2', 'x'), step('second-2', 'y'), step('x'), step('y')];
  farm.queue(build(9, 'second-1', { globalPriority: 9 }), [step('second-1')]);
  farm.queue([build(1, 'first-2'), build(2, 'second-2')], steps);
  assert.deepEqual(order(farm), ['x', 'y']);
  farm.seconds = 4000;
  const attempt = farm.attempt('second-1');
  const times = { importMilliseconds: 0, buildMilliseconds: 4_000_000, uploadMilliseconds: 0 };
  const result = resultOf(step('second-1'));
  farm.apply({ type: 'attempt-succeeded', attempt, times, result });
  const [running] = farm.farm.view.attempts();
  assert.equal(running?.derivation, 'y');
});

test('a chain that takes as long as everything that is left comes before small evaluations', () => {
  const farm = told({ top: 1000, bottom: 1000, small: 10 });
  farm.queue(build(1, 'top', of(1)), graph({ top: 'bottom', bottom: '' }));
  farm.queue(build(2, 'small', of(2)), graph({ small: '' }));
  assert.deepEqual(farm.join('ant', { slots: 2 }).slice(0, 1), ['start bottom on ant for 1']);
});

test('a jobset that has used more than its share stands back', () => {
  const farm = told({ mine: 100, yours: 150 });
  const [mine, yours] = [jobsetId(1), jobsetId(2)];
  farm.apply({ type: 'jobset-seen', jobset: mine, shares: 1, usedSeconds: 90_000 });
  farm.apply({ type: 'jobset-seen', jobset: yours, shares: 100, usedSeconds: 10 });
  const steps = graph(
    Object.fromEntries(['mine-1', 'mine-2', 'yours-1', 'yours-2'].map((name) => [name, ''])),
  );
  farm.queue(
    [
      build(1, 'mine-1', { jobset: mine }),
      build(2, 'mine-2', { jobset: mine }),
      build(3, 'yours-1', { jobset: yours }),
      build(4, 'yours-2', { jobset: yours }),
    ],
    steps,
  );
  assert.deepEqual(farm.join('ant'), ['start yours-1 on ant for 3']);
});

test('an evaluation that has waited long enough comes before smaller ones', () => {
  const farm = told({ large: 100, small: 20, hog: 1 });
  farm.queue(
    [build(1, 'large-1', of(1)), build(2, 'large-2', of(1))],
    [step('large-1'), step('large-2')],
  );
  farm.seconds = 24 * 3600;
  farm.queue(
    [build(3, 'small-1', of(2)), build(4, 'small-2', of(2))],
    [step('small-1'), step('small-2')],
  );
  assert.equal(farm.join('ant')[0], 'start large-1 on ant for 1');
});

test('a policy can be changed while steps wait', () => {
  const farm = told({ a: 1, b: 900 });
  const builds = [build(1, 'a', of(1)), build(2, 'b', of(1))];
  farm.queue(builds, graph({ a: '', b: '' }));
  assert.deepEqual(order(farm), ['b', 'a']);
  const settings = { ...farm.settings, selection: 'Legacy' } as const;
  farm.apply({ type: 'settings-changed', settings });
  assert.deepEqual(order(farm), ['a', 'b']);
});
