import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import { findLacking } from './forced-substituters.ts';

const cache = 'https://cache.example';

test('a builder has to use substitutes, and every one that is forced; where none is, it may do as it likes', () => {
  const builder = { useSubstitutes: true, substituters: ['https://other.example', cache] };
  assert.equal(findLacking(builder, [cache]), null);
  assert.equal(findLacking({ useSubstitutes: false, substituters: [] }, []), null);
  assert.match(findLacking({ ...builder, useSubstitutes: false }, [cache]) ?? '', /does not use/);
  assert.match(findLacking(builder, [cache, `${cache}?x=1`]) ?? '', /lack .*x=1$/);
});

test('where builders upload themselves, one without the forced substituters is turned away', async () => {
  await using farm = await openLiveFarm({ daemonSettings: { substituters: cache } });
  const forced = { forcedSubstituters: [cache] };
  await using runner = await farm.startRunner({ ...forced, usePresignedUploads: true });
  {
    await using _without = await farm.startBuilder(runner.endpoint);
    await until(() => runner.refusals.get('substituters-missing'));
    assert.equal(runner.progress().builders, 0);
  }
  await using _with = await farm.startBuilder(runner.endpoint, {
    settings: { useSubstitutes: true },
  });
  await until(() => runner.progress().builders === 1);
});
