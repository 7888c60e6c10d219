import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { printStorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { evaluateFile } from './evaluate-file.ts';
import type { Evaluation } from './evaluate-file.ts';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));
// What nix-build prints of a build that fails or is noisy.
const outputBytesMax = 16 * 1024 * 1024;

let daemon: PrivateDaemon;
let evaluation: Evaluation;

before(async () => {
  daemon = await startPrivateDaemon();
  evaluation = await evaluateFile({
    file: examples,
    attributes: [],
    args: [],
    argStrings: [],
    environment: daemon.environment,
    storeDirectory: daemon.address.storeDirectory,
  });
});
after(() => daemon[Symbol.asyncDispose]());

const nixBuild = async (...parameters: string[]) => {
  const options = { env: daemon.environment, maxBuffer: outputBytesMax };
  return run('nix-build', ['--no-out-link', '--max-jobs', '4', examples, ...parameters], options);
};

async function readOutput(attribute: string, output = 'out'): Promise<string> {
  return readFile(outputOf(attribute, output), 'utf8');
}

function outputOf(attribute: string, output = 'out'): string {
  const job = evaluation.jobs.find((candidate) => candidate.attribute === attribute);
  const path = job?.outputs.get(output);
  assert(path !== undefined && path !== null, `${attribute} has no output ${output}`);
  return printStorePath(daemon.address.storeDirectory, path);
}

test('the examples hold these jobs', () => {
  assert.deepEqual(evaluation.errors, []);
  assert.deepEqual(
    evaluation.jobs.map(({ attribute }) => attribute),
    [
      'chain.end',
      'diamond.bottom',
      'diamond.left',
      'diamond.right',
      'diamond.top',
      ...['broken', 'fifth', 'first', 'fourth', 'second', 'third'].map((name) => `failing.${name}`),
      'fan.hand',
      'fixed-output.download',
      'fixed-output.reader',
      'multi-output.package',
      'multi-output.user',
      'noisy.colours',
      'products-and-metrics.release',
      'timeout.sleeper',
    ],
  );
});

test('those that can be built do what they say', async () => {
  const attributes = [
    'chain.end',
    'diamond.bottom',
    'fan.hand',
    'fixed-output.reader',
    'multi-output.user',
    'noisy.colours',
    'products-and-metrics.release',
  ];
  await nixBuild(...attributes.flatMap((attribute) => ['-A', attribute]));
  const numbers = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  assert.equal((await readOutput('chain.end')).trim(), numbers(1, 60).join(' '));
  assert.equal(await readOutput('diamond.bottom'), 'top, left, bottom\ntop, right, bottom\n');
  assert.equal(await readOutput('fan.hand'), `${numbers(0, 199).join('\n')}\n`);
  assert.match(await readOutput('fixed-output.reader'), /^It says: Iolaus burnt the stumps/);
  assert.match(
    await readOutput('multi-output.user'),
    /^made with the headers of .*-package-1\.0\n$/,
  );
  assert.equal(await readOutput('multi-output.package', 'doc'), 'the manual\n');
  assert.equal(await readOutput('noisy.colours'), '20000 lines\n');
});

test('the release tells of its products, one with spaces in its name, its metrics and its name', async () => {
  await nixBuild('-A', 'products-and-metrics.release');
  const release = outputOf('products-and-metrics.release');
  const told = (file: string) => readFile(join(release, 'nix-support', file), 'utf8');
  assert.equal(await told('hydra-release-name'), 'release-1.2.3\n');
  assert.match(await told('hydra-metrics'), /^tests\.coverage 87\.5 %$/m);
  const products = await told('hydra-build-products');
  assert.match(products, /^report html \S+\/report index\.html$/m);
  assert.match(products, /^doc readme ".*\/read me first\.txt"$/m);
  assert.equal(await readFile(join(release, 'files/read me first.txt'), 'utf8'), 'Read me.\n');
});

test('the failing step fails, and none of its five dependents begins', async () => {
  const failure = await nixBuild('-A', 'failing', '--keep-going').catch((error: unknown) => error);
  assert(failure instanceof Error && 'stderr' in failure);
  assert.match(String(failure.stderr), /never going to work/);
  assert.doesNotMatch(String(failure.stderr), /building '.*dependent/);
});

test('the sleeper may take three seconds', () => {
  const sleeper = evaluation.jobs.find(({ attribute }) => attribute === 'timeout.sleeper');
  assert.equal(sleeper?.meta.timeoutSeconds, 3);
});
