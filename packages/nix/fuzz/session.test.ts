import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import type { Finding } from './worker.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = fileURLToPath(new URL('../src', import.meta.url));

function faulty(only: string): SessionOptions {
  const pattern = 'faulty-parsers.fuzz.ts';
  return { folder, pattern, only, seed: 1, first: 0, seconds: 20, inputs: 2000 };
}

test('every parser survives some thousands of damaged inputs', async () => {
  const { counts, findings } = await runSession({
    folder: sources,
    pattern: '**/*.fuzz.ts',
    only: '',
    seed: 1,
    first: 0,
    seconds: 4,
    inputs: Infinity,
  });
  assert.deepEqual(
    findings.map((finding) => ({
      ...finding,
      input: Buffer.from(finding.input).toString('latin1'),
    })),
    [],
  );
  for (const { target, tried } of counts) assert.ok(tried > 0, `${target} was not tried`);
});

test('an error of the wrong kind, or without its place, is found and told in as few bytes as it takes', async () => {
  for (const kind of ['wrong-error', 'no-place']) {
    const { findings } = await runSession(faulty(kind));
    assert.ok(findings.length > 0);
    for (const { fault, input } of findings) {
      assert.equal(fault.kind, kind);
      assert.equal(Buffer.from(input).toString(), '!');
    }
  }
});

test('a parser that takes far more memory than its input is found', async () => {
  const { findings } = await runSession({ ...faulty('memory'), inputs: 300 });
  assert.equal(findings[0]?.fault.kind, 'memory');
});

test('a parser that hangs is found with the input that it hangs at', async () => {
  const { findings } = await runSession({ ...faulty('hang'), hangInMs: 500 });
  assert.deepEqual(
    findings.map(({ target, fault }) => [target, fault.kind]),
    [['faulty-hang', 'hang']],
  );
  assert.ok(Buffer.from(findings[0]?.input ?? []).includes('!'));
});

test('the same seed tries the same inputs, and any of them can be tried alone', async () => {
  const one = await runSession(faulty('wrong-error'));
  const other = await runSession(faulty('wrong-error'));
  assert.deepEqual(one.findings.map(made), other.findings.map(made));
  const [found] = one.findings;
  const first = found?.number ?? assert.fail();
  const alone = await runSession({ ...faulty('wrong-error'), first, inputs: 1 });
  assert.deepEqual(alone.findings.map(made), one.findings.slice(0, 1).map(made));
});

/** All of a finding but the stack, which begins elsewhere when the thread is asked anew. */
function made({ target, number, fault, input }: Finding) {
  return { target, number, kind: fault.kind, input };
}

test('a parser without faults passes', async () => {
  const { counts, findings } = await runSession(faulty('not-at-all'));
  assert.deepEqual(findings, []);
  const [{ tried, accepted } = { tried: 0, accepted: 0 }] = counts;
  assert.equal(tried, 2000);
  assert.ok(accepted > 0 && accepted < tried);
});
