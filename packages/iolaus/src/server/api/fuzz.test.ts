import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { apiRoot, contract } from '../../api/contract.ts';
import type { Endpoint } from '../../api/contract.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { ask } from '../testing/ask.ts';
import { serveRunner } from '../testing/serve-runner.ts';
import { serveScene } from '../testing/serve-scene.ts';

const endpoints = Object.values<Endpoint>(contract).filter(({ form }) => form !== 'events');

// A cursor that we never gave out: [9007199254740991].
const farAway = 'WzkwMDcxOTkyNTQ3NDA5OTFd';

const word = fc.oneof(fc.string(), fc.constantFrom('1', '2147483648', '-1', '%00', farAway));

const query = fc.dictionary(
  fc.constantFrom(
    'cursor',
    'limit',
    'project',
    'jobset',
    'status',
    'search',
    'with',
    'fields',
    'difference',
    'other',
    'offset',
    'since',
    'by',
    'givenUp',
  ),
  word,
);

const body = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      hold: fc.constantFrom(null, 'paused', 'draining', 'burnt'),
      schedulingShares: fc.oneof(fc.integer(), fc.double()),
      which: fc.constantFrom('failed', 'aborted', 'all'),
      preempts: fc.oneof(fc.boolean(), fc.string()),
      name: fc.string(),
      scopes: fc.array(fc.constantFrom('admin', 'operate', 'root')),
      days: fc.integer(),
      username: fc.string(),
      password: fc.string(),
    },
    { requiredKeys: [] },
  ),
);

const request = fc.record({
  endpoint: fc.constantFrom(...endpoints),
  words: fc.array(word, { minLength: 2, maxLength: 2 }),
  query,
  body,
  isAdmin: fc.boolean(),
});

test('no request, however odd, is a fault of the server, and every answer is what the document says', async () => {
  await using runner = await serveRunner();
  await using served = await serveScene({ runnerUrl: runner.url });
  const { database, scene, server } = served;
  await scene.queue(['one', 'two']);
  await addUser(database, 'admin', ['admin']);
  const token = await tokenOf(database, 'admin');
  const property = fc.asyncProperty(request, async ({ endpoint, words, ...given }) => {
    const { method, path, form, answer } = endpoint;
    const names = [...words];
    const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(names.pop() ?? ''));
    const asked = `${apiRoot}${filled}?${new URLSearchParams(given.query).toString()}`;
    const hasBody = method === 'POST' || method === 'PATCH';
    const { status, text, headers } = await ask(server.url, asked, {
      method,
      headers: { 'content-type': 'application/json', ...(given.isAdmin ? token : {}) },
      ...(hasBody ? { body: JSON.stringify(given.body) } : {}),
    });
    assert.ok(status < 500, `${asked}: ${text}`);
    if (status !== 200) assert.equal(headers['content-type'], 'application/problem+json', asked);
    else if (form === 'json' && !('fields' in given.query)) {
      assert.ok(answer.safeParse(JSON.parse(text)).success, `${asked}: ${text}`);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});
