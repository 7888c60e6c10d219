import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expected, guess, observe, quantile } from './estimate.ts';
import { isFetched, packageName } from './package-name.ts';
import {
  createPredictions,
  historyOf,
  learn,
  predictCores,
  predictMemoryBytes,
  predictSeconds,
} from './prediction.ts';

test('a package is named without hash, version and ending', () => {
  const hash = '0'.repeat(32);
  assert.equal(packageName(`${hash}-firefox-127.0.2.drv`), 'firefox');
  assert.equal(packageName(`${hash}-python3.12-requests-2.31.drv`), 'python3.12-requests');
  assert.equal(packageName(`${hash}-gtk+3-3.24.drv`), 'gtk+3');
  assert.equal(packageName('hello'), 'hello');
  assert.equal(packageName('-1'), '-1');
});

test('what is fetched is no sibling of what is built from it', () => {
  assert.equal(packageName('hello-2.12.tar.gz'), 'hello.tar.gz');
  assert.ok(isFetched('hello.tar.gz'));
  assert.ok(!isFetched('hello'));
});

test('an estimate follows what it sees, the last ten the most', () => {
  let estimate = guess(10, 2, 1);
  for (let round = 0; round < 60; round += 1) estimate = observe(estimate, 100);
  assert.ok(Math.abs(expected(estimate) - 100) < 2);
  for (let round = 0; round < 20; round += 1) estimate = observe(estimate, 10);
  assert.ok(expected(estimate) < 20);
  assert.ok(quantile(estimate, 1) > quantile(estimate, 0));
});

test('one build tells how long the next will take, and tells other systems too', () => {
  const predictions = createPredictions();
  const gcc = historyOf(predictions, 'gcc', 'x86_64-linux');
  const unknown = predictSeconds(predictions, gcc);
  learn(predictions, gcc, { seconds: 3000 });
  assert.ok(Math.abs(predictSeconds(predictions, gcc) / 3000 - 1) < 0.1);
  const other = predictSeconds(predictions, historyOf(predictions, 'gcc', 'aarch64-linux'));
  assert.ok(other > 2500 && other > unknown);
});

test('sources are expected to come quickly, and all packages tell of unknown ones', () => {
  const predictions = createPredictions();
  const source = historyOf(predictions, 'hello.tar.gz', 'builtin');
  const built = historyOf(predictions, 'hello', 'linux');
  assert.ok(predictSeconds(predictions, source) < predictSeconds(predictions, built) / 4);
  const before = predictSeconds(predictions, built);
  for (let index = 0; index < 50; index += 1) {
    learn(predictions, historyOf(predictions, `package${index}`, 'linux'), { seconds: 4000 });
  }
  assert.ok(predictSeconds(predictions, built) > 5 * before);
});

test('times that no clock can have measured teach nothing', () => {
  const predictions = createPredictions();
  const history = historyOf(predictions, 'a', 'linux');
  const before = predictSeconds(predictions, history);
  for (const seconds of [-1, Number.NaN, Infinity]) learn(predictions, history, { seconds });
  assert.equal(predictSeconds(predictions, history), before);
});

test('cores and memory are kept free for nine of ten', () => {
  const predictions = createPredictions();
  const history = historyOf(predictions, 'chromium', 'linux');
  assert.equal(predictCores(history), undefined);
  for (const share of [1, 2, 1, 2, 1, 2, 1, 2]) {
    learn(predictions, history, { seconds: 1, cores: 8 * share, peakMemoryBytes: 1e9 * share });
  }
  const cores = predictCores(history) ?? 0;
  assert.ok(cores > 12 && cores < 40, `${cores}`);
  const memory = predictMemoryBytes(history) ?? 0;
  assert.ok(memory > 1.5e9 && memory < 5e9, `${memory}`);
});
