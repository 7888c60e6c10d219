import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DaemonConnection } from '@iolaus/nix';
import { attributesOf, openEvaluator, prelude } from './testing/open-evaluator.ts';
import type { Evaluator } from './testing/open-evaluator.ts';

let evaluator: Evaluator;
before(async () => void (evaluator = await openEvaluator()));
after(() => evaluator[Symbol.asyncDispose]());

test('the top is entered, sets below it only if they say so', async () => {
  const evaluation = await evaluator.evaluate(`{
    a = job "a";
    open = { recurseForDerivations = true; b = job "b"; inner = { recurseForDerivations = true; "c.d" = job "c"; }; };
    closed = { e = job "e"; };
    number = 1;
    function = x: job "f";
  }`);
  assert.deepEqual(attributesOf(evaluation), ['a', 'open.b', 'open.inner."c.d"']);
  assert.deepEqual(evaluation.errors, []);
});

test('what a job is comes from its derivation, which is in the store', async () => {
  const { jobs } = await evaluator.evaluate(`{
    a = derivation { name = "two-1.0"; system = "some-system"; builder = "/bin/sh"; outputs = [ "out" "dev" ]; }
      // { name = "another"; system = "another"; };
    floating = derivation {
      name = "floating"; system = "some-system"; builder = "/bin/sh"; __contentAddressed = true;
      outputHashMode = "recursive"; outputHashAlgo = "sha256";
    };
  }`);
  const [two, floating] = jobs;
  assert.equal(two?.name, 'two-1.0');
  assert.equal(two.system, 'some-system');
  assert.deepEqual([...two.outputs.keys()], ['dev', 'out']);
  assert.match(two.outputs.get('dev') ?? '', /^[0-9a-z]{32}-two-1\.0-dev$/);
  assert.deepEqual(floating?.outputs, new Map([['out', null]]));
  await using connection = await DaemonConnection.connect(evaluator.daemon.address);
  assert.equal(await connection.isValidPath(two.derivation), true);
});

test('what a job says of itself is read as Hydra reads it', async () => {
  const { jobs } = await evaluator.evaluate(`{
    full = job "a" // { meta = {
      description = "does things"; homepage = "https://example.org"; isChannel = true;
      license = [ { shortName = "MIT"; } "GPL" ]; maintainers = [ { email = "a@example.org"; } [ "b" ] { } ];
      schedulingPriority = 150; maxSilent = "300"; timeout = 1800;
    }; };
    empty = job "b" // { meta = { description = ""; timeout = 0; license = 1; }; };
  }`);
  const [empty, full] = jobs.map(({ meta }) => meta);
  assert.deepEqual(full, {
    description: 'does things',
    homepage: 'https://example.org',
    license: ['MIT', 'GPL'],
    maintainers: ['a@example.org', 'b'],
    schedulingPriority: 150,
    maxSilentSeconds: 300,
    timeoutSeconds: 1800,
    isChannel: true,
  });
  assert.deepEqual(empty, {
    description: null,
    homepage: null,
    license: [],
    maintainers: [],
    schedulingPriority: null,
    maxSilentSeconds: null,
    timeoutSeconds: null,
    isChannel: false,
  });
});

test('functions are called with what they name, at the top and below', async () => {
  const options = {
    args: [['number', '1 + 1 # two'] as const],
    argStrings: [['text', 'a "quoted" ${text}\\n'] as const],
  };
  const named = await evaluator.evaluate(
    `{ number, other ? 5, text }: {
      a = if text == "a \\"quoted\\" \\\${text}\\\\n" then job "a-\${toString (number + other)}" else null;
      b = { number }: job "b-\${toString number}";
      c = { recurseForDerivations = true; d = { ... }@all: job "d-\${toString all.number}"; };
    }`,
    options,
  );
  assert.deepEqual(named.errors, []);
  assert.deepEqual(
    named.jobs.map(({ name }) => name),
    ['a-7', 'b-2', 'd-2'],
  );
  const any = await evaluator.evaluate(
    `{ ... }@all: { a = job "a-\${toString all.number}"; }`,
    options,
  );
  assert.deepEqual(
    any.jobs.map(({ name }) => name),
    ['a-2'],
  );
});

test('the system is what the file sees', async () => {
  const { jobs } = await evaluator.evaluate(`{ a = job builtins.currentSystem; }`, {
    system: 'm68k-amiga',
  });
  assert.deepEqual(
    jobs.map(({ name, system }) => [name, system]),
    [['m68k-amiga', 'm68k-amiga']],
  );
});

test('what is asked for by name is found, whether a job or a set, once', async () => {
  const file = `{ x.closed = { a = job "a"; b = job "b"; }; "d.e" = job "e"; f = job "f"; }`;
  const evaluation = await evaluator.evaluate(file, {
    attributes: ['"d.e"', 'x.closed', 'x.closed.a'],
  });
  assert.deepEqual(attributesOf(evaluation), ['"d.e"', 'x.closed.a', 'x.closed.b']);
});

test('jobs are told while others are still looked for', async () => {
  const told: string[] = [];
  const evaluation = await evaluator.evaluate(`{ a = job "a"; b = abort "b"; c = job "c"; }`, {
    onJob: ({ attribute }) => told.push(attribute),
  });
  assert.deepEqual(told, attributesOf(evaluation));
});

test("a file's own traces do no harm", async () => {
  const evaluation = await evaluator.evaluate(
    String.raw`{ a = builtins.trace "iolaus- {\"type\":\"set\"}\nerror: no" (job "a"); b = builtins.trace "b" (abort "c"); }`,
  );
  assert.deepEqual(attributesOf(evaluation), ['a']);
  assert.match(evaluation.errors[0]?.message ?? '', /'c'$/);
});

test('a folder stands for its default.nix', async () => {
  writeFileSync(join(evaluator.directory, 'default.nix'), `${prelude}{ inDefault = job "a"; }`);
  assert.deepEqual(attributesOf(await evaluator.evaluate('{ }', { file: evaluator.directory })), [
    'inDefault',
  ]);
});
