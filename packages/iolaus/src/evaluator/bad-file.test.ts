import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openEvaluator } from './testing/open-evaluator.ts';
import type { Evaluator } from './testing/open-evaluator.ts';

let evaluator: Evaluator;
before(async () => void (evaluator = await openEvaluator()));
after(() => evaluator[Symbol.asyncDispose]());

test('one that fails, in whatever way, is told with what Nix says, and the rest goes on', async () => {
  const { jobs, errors } = await evaluator.evaluate(`{
    a = job "a";
    aborts = abort "no way";
    asserts = assert 1 == 2; job "x";
    deep = let count = n: 1 + count n; in count 0;
    inside = job "x" // { meta.description = throw "no description"; };
    missing = { }.nope;
    needs = { mandatory }: job mandatory;
    throws = throw "boom";
    sum = 1 + { };
    z = { recurseForDerivations = true; good = job "good"; bad = throw "inner"; worse = abort "worst"; };
  }`);
  const first = errors.map(({ attribute, message }) => [attribute, message.split('\n')[0]]);
  assert.deepEqual(
    jobs.map(({ attribute }) => attribute),
    ['a', 'z.good'],
  );
  assert.deepEqual(
    new Map(first.map(([attribute = '', message]) => [attribute, message])).size,
    10,
  );
  const message = (attribute: string) =>
    errors.find((error) => error.attribute === attribute)?.message;
  assert.match(message('aborts') ?? '', /no way/);
  assert.match(message('asserts') ?? '', /assertion .* failed|not equal/);
  assert.match(message('deep') ?? '', /stack overflow|max-call-depth/);
  assert.equal(message('inside'), 'no description');
  assert.match(message('missing') ?? '', /'nope' missing\nat .*release\.nix:\d+:\d+$/);
  assert.match(message('needs') ?? '', /without required argument 'mandatory'/);
  assert.equal(message('throws'), 'boom');
  assert.match(message('sum') ?? '', /\bset\b/);
  assert.equal(message('z.bad'), 'inner');
  assert.match(message('z.worse') ?? '', /worst/);
});

test('2,200 jobs with one that kills Nix in the middle all come out', async () => {
  const { jobs, errors } =
    await evaluator.evaluate(`builtins.listToAttrs (builtins.genList (number: {
    name = "job-\${toString number}";
    value = if number == 1100 then abort "gone" else job "number-\${toString number}";
  }) 2200)`);
  assert.equal(new Set(jobs.map(({ derivation }) => derivation)).size, 2199);
  assert.deepEqual(
    errors.map(({ attribute }) => attribute),
    ['job-1100'],
  );
});

test('a job that takes all memory is to blame alone', async () => {
  const { jobs, errors } = await evaluator.evaluate(
    `{
      a = job "a";
      b = let l = builtins.genList (n: "a text of some length \${toString n}") 100000000; in builtins.deepSeq l (job "b");
      c = job "c";
    }`,
    {
      environment: {
        ...evaluator.daemon.environment,
        GC_MAXIMUM_HEAP_SIZE: String(500 * 1024 * 1024),
      },
    },
  );
  assert.deepEqual(
    jobs.map(({ attribute }) => attribute),
    ['a', 'c'],
  );
  assert.deepEqual(errors, [{ attribute: 'b', message: 'out of memory' }]);
});

test('a set that holds itself ends', async () => {
  const { jobs, errors } = await evaluator.evaluate(
    `rec { a = job "a"; s = { recurseForDerivations = true; inherit s; }; }`,
  );
  assert.equal(jobs.length, 1);
  assert.equal(errors.length, 1);
  assert.match(errors[0]?.message ?? '', /nested more than/);
});

test('an attribute that is not there is a bad expression, and near ones are named', async () => {
  await assert.rejects(evaluator.evaluate(`{ hello = job "a"; }`, { attributes: ['hallo'] }), {
    code: 'bad-expression',
    exitStatus: 2,
    message: /no attribute hallo in .*release\.nix/,
    remedy: 'There is hello.',
  });
  await assert.rejects(evaluator.evaluate(`{ a.b = job "a"; }`, { attributes: ['a.c.d'] }), {
    message: /no attribute a\.c\.d/,
    remedy: 'There is b.',
  });
});

test('what cannot be built is refused if it was asked for', async () => {
  await assert.rejects(evaluator.evaluate(`{ a = "text"; }`, { attributes: ['a'] }), {
    code: 'bad-expression',
    message: 'the attribute a is neither a derivation nor a set, but a string',
  });
  await assert.rejects(evaluator.evaluate(`[ (job "a") ]`), {
    message: /release\.nix is neither .* but a list/,
  });
});

test('a file that has no value is a bad expression, with the position of the mistake', async () => {
  const wrong = [
    '{ a = 1;\n b }',
    'abort "all"',
    'throw "all"',
    '{ mandatory }: { }',
    'import ./none.nix',
  ];
  for (const expression of wrong) {
    await assert.rejects(evaluator.evaluate(expression), {
      code: 'bad-expression',
      exitStatus: 2,
      message: /release\.nix cannot be evaluated: ./,
    });
  }
  await assert.rejects(evaluator.evaluate('{ a = 1;\n b }'), {
    message: /syntax error.*release\.nix:5:4/,
  });
});

test('a file that is not there, and an argument that is no expression, are told as such', async () => {
  await assert.rejects(evaluator.evaluate('{ }', { file: join(evaluator.directory, 'none.nix') }), {
    code: 'no-such-file',
  });
  await assert.rejects(evaluator.evaluate('{ }', { args: [['wrong', '1 +']] }), {
    code: 'bad-usage',
    message: /--arg wrong .*syntax error/,
  });
});

test('without Nix on the PATH that is told', async () => {
  for (const PATH of [evaluator.directory, folderWithout('nix')]) {
    const environment = { ...evaluator.daemon.environment, PATH };
    await assert.rejects(evaluator.evaluate('{ }', { environment }), { code: 'no-nix' });
  }
});

test('a daemon that is not there is no mistake of the file', async () => {
  const environment = {
    ...evaluator.daemon.environment,
    NIX_DAEMON_SOCKET_PATH: join(evaluator.directory, 'none'),
  };
  await assert.rejects(evaluator.evaluate('{ a = job "unseen"; }', { environment }), {
    code: 'daemon-unreachable',
  });
});

test('an evaluation without end is ended, and leaves no process', async () => {
  const aborting = new AbortController();
  const endless = evaluator.evaluate(
    `{ a = job "a"; b = let l = n: if n == 0 then 0 else l (n - 1); in l 1000000000000; }`,
    { signal: aborting.signal, onJob: () => aborting.abort() },
  );
  await assert.rejects(endless, { name: 'AbortError' });
  assert.equal(spawnSync('pgrep', ['-f', evaluator.directory], { encoding: 'utf8' }).stdout, '');
});

/** A folder for the PATH that has everything else. */
function folderWithout(program: string): string {
  const folder = join(evaluator.directory, `without-${program}`);
  mkdirSync(folder);
  for (const found of readdirSync('/usr/bin')) {
    if (found !== program) symlinkSync(join('/usr/bin', found), join(folder, found));
  }
  return folder;
}
