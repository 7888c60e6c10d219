import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildListQuery, readBuildListView } from './build-list-address.ts';
import type { BuildListView } from './build-list-address.ts';

test('a view of the list is the same after its address was sent to a friend', () => {
  const view: fc.Arbitrary<BuildListView> = fc.record(
    {
      status: fc.constantFrom(undefined, 'queued', 'running', 'succeeded', 'failed'),
      search: fc.string({ unit: 'grapheme' }),
      cursor: fc.option(fc.nat().map(String), { nil: undefined }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(view, (view) => {
      const query = Object.fromEntries(new URLSearchParams(buildListQuery(view)));
      assert.deepEqual(readBuildListView(query), view);
    }),
  );
});

test('an address that makes no sense shows everything', () => {
  const view = readBuildListView({ status: 'lost', cursor: 'not a cursor', page: '7' });
  assert.equal(buildListQuery(view), '');
});
