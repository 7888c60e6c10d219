import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DaemonConnection } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { evaluateFile } from './evaluate-file.ts';
import type { Evaluation, EvaluationOptions } from './evaluate-file.ts';

let daemon: PrivateDaemon;
let directory: string;

before(async () => {
  daemon = await startPrivateDaemon();
  directory = mkdtempSync(join(tmpdir(), 'iolaus-evaluator-'));
});
after(async () => {
  rmSync(directory, { recursive: true });
  await daemon[Symbol.asyncDispose]();
});

// Every file below may use `job`.
const prelude = `let
  job = name: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; };
in
`;

async function evaluate(
  expression: string,
  options: Partial<EvaluationOptions> = {},
): Promise<Evaluation> {
  return evaluateFile({
    file: writeExpression(`${prelude}${expression}`),
    attributes: [],
    args: [],
    argStrings: [],
    environment: daemon.environment,
    storeDirectory: daemon.address.storeDirectory,
    ...options,
  });
}

function writeExpression(text: string): string {
  const file = join(directory, 'release.nix');
  writeFileSync(file, text);
  return file;
}

/** A folder for the PATH that has everything else. */
function folderWithout(program: string): string {
  const folder = join(directory, `without-${program}`);
  mkdirSync(folder);
  for (const found of readdirSync('/usr/bin')) {
    if (found !== program) symlinkSync(join('/usr/bin', found), join(folder, found));
  }
  return folder;
}

const attributesOf = ({ jobs }: Evaluation): string[] => jobs.map(({ attribute }) => attribute);

test('the top is entered, sets below it only if they say so', async () => {
  const evaluation = await evaluate(`{
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
  const { jobs } = await evaluate(`{
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
  await using connection = await DaemonConnection.connect(daemon.address);
  assert.equal(await connection.isValidPath(two.derivation), true);
});

test('what a job says of itself is read as Hydra reads it', async () => {
  const { jobs } = await evaluate(`{
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

test('one that fails, in whatever way, is told with what Nix says, and the rest goes on', async () => {
  const { jobs, errors } = await evaluate(`{
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
  const { jobs, errors } = await evaluate(`builtins.listToAttrs (builtins.genList (number: {
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
  const { jobs, errors } = await evaluate(
    `{
      a = job "a";
      b = let l = builtins.genList (n: "a text of some length \${toString n}") 100000000; in builtins.deepSeq l (job "b");
      c = job "c";
    }`,
    { environment: { ...daemon.environment, GC_MAXIMUM_HEAP_SIZE: String(500 * 1024 * 1024) } },
  );
  assert.deepEqual(
    jobs.map(({ attribute }) => attribute),
    ['a', 'c'],
  );
  assert.deepEqual(errors, [{ attribute: 'b', message: 'out of memory' }]);
});

test('a set that holds itself ends', async () => {
  const { jobs, errors } = await evaluate(
    `rec { a = job "a"; s = { recurseForDerivations = true; inherit s; }; }`,
  );
  assert.equal(jobs.length, 1);
  assert.equal(errors.length, 1);
  assert.match(errors[0]?.message ?? '', /nested more than/);
});

test('functions are called with what they name, at the top and below', async () => {
  const options = {
    args: [['number', '1 + 1 # two'] as const],
    argStrings: [['text', 'a "quoted" ${text}\\n'] as const],
  };
  const named = await evaluate(
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
  const any = await evaluate(`{ ... }@all: { a = job "a-\${toString all.number}"; }`, options);
  assert.deepEqual(
    any.jobs.map(({ name }) => name),
    ['a-2'],
  );
});

test('the system is what the file sees', async () => {
  const { jobs } = await evaluate(`{ a = job builtins.currentSystem; }`, { system: 'm68k-amiga' });
  assert.deepEqual(
    jobs.map(({ name, system }) => [name, system]),
    [['m68k-amiga', 'm68k-amiga']],
  );
});

test('what is asked for by name is found, whether a job or a set, once', async () => {
  const file = `{ x.closed = { a = job "a"; b = job "b"; }; "d.e" = job "e"; f = job "f"; }`;
  const evaluation = await evaluate(file, { attributes: ['"d.e"', 'x.closed', 'x.closed.a'] });
  assert.deepEqual(attributesOf(evaluation), ['"d.e"', 'x.closed.a', 'x.closed.b']);
});

test('jobs are told while others are still looked for', async () => {
  const told: string[] = [];
  const evaluation = await evaluate(`{ a = job "a"; b = abort "b"; c = job "c"; }`, {
    onJob: ({ attribute }) => told.push(attribute),
  });
  assert.deepEqual(told, attributesOf(evaluation));
});

test("a file's own traces do no harm", async () => {
  const evaluation = await evaluate(
    String.raw`{ a = builtins.trace "iolaus- {\"type\":\"set\"}\nerror: no" (job "a"); b = builtins.trace "b" (abort "c"); }`,
  );
  assert.deepEqual(attributesOf(evaluation), ['a']);
  assert.match(evaluation.errors[0]?.message ?? '', /'c'$/);
});

test('an attribute that is not there is a bad expression, and near ones are named', async () => {
  await assert.rejects(evaluate(`{ hello = job "a"; }`, { attributes: ['hallo'] }), {
    code: 'bad-expression',
    exitStatus: 2,
    message: /no attribute hallo in .*release\.nix/,
    remedy: 'There is hello.',
  });
  await assert.rejects(evaluate(`{ a.b = job "a"; }`, { attributes: ['a.c.d'] }), {
    message: /no attribute a\.c\.d/,
    remedy: 'There is b.',
  });
});

test('what cannot be built is refused if it was asked for', async () => {
  await assert.rejects(evaluate(`{ a = "text"; }`, { attributes: ['a'] }), {
    code: 'bad-expression',
    message: 'the attribute a is neither a derivation nor a set, but a string',
  });
  await assert.rejects(evaluate(`[ (job "a") ]`), {
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
    await assert.rejects(evaluate(expression), {
      code: 'bad-expression',
      exitStatus: 2,
      message: /release\.nix cannot be evaluated: ./,
    });
  }
  await assert.rejects(evaluate('{ a = 1;\n b }'), { message: /syntax error.*release\.nix:5:4/ });
});

test('a file that is not there, and an argument that is no expression, are told as such', async () => {
  await assert.rejects(evaluate('{ }', { file: join(directory, 'none.nix') }), {
    code: 'no-such-file',
  });
  await assert.rejects(evaluate('{ }', { args: [['wrong', '1 +']] }), {
    code: 'bad-usage',
    message: /--arg wrong .*syntax error/,
  });
});

test('a folder stands for its default.nix', async () => {
  writeFileSync(join(directory, 'default.nix'), `${prelude}{ inDefault = job "a"; }`);
  assert.deepEqual(attributesOf(await evaluate('{ }', { file: directory })), ['inDefault']);
});

test('without Nix on the PATH that is told', async () => {
  for (const PATH of [directory, folderWithout('nix')]) {
    const environment = { ...daemon.environment, PATH };
    await assert.rejects(evaluate('{ }', { environment }), { code: 'no-nix' });
  }
});

test('a daemon that is not there is no mistake of the file', async () => {
  const environment = { ...daemon.environment, NIX_DAEMON_SOCKET_PATH: join(directory, 'none') };
  await assert.rejects(evaluate('{ a = job "unseen"; }', { environment }), {
    code: 'daemon-unreachable',
  });
});

test('an evaluation without end is ended, and leaves no process', async () => {
  const aborting = new AbortController();
  const endless = evaluate(
    `{ a = job "a"; b = let l = n: if n == 0 then 0 else l (n - 1); in l 1000000000000; }`,
    { signal: aborting.signal, onJob: () => aborting.abort() },
  );
  await assert.rejects(endless, { name: 'AbortError' });
  assert.equal(spawnSync('pgrep', ['-f', directory], { encoding: 'utf8' }).stdout, '');
});
