import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Provisioners } from './provisioners.ts';
import { serveScene } from './testing/serve-scene.ts';
import { get, list } from './testing/ask.ts';

test('a provisioner is told what is needed and who is there, and can hold a machine back', async () => {
  await using scene = await serveScene({});
  const demand = z.object({ needs: list, builders: list }).parse(await get(scene.url, '/demand'));
  const foreign = demand.needs.find(({ system }) => system === 'riscv64-linux');
  assert.equal(foreign?.['runnable'], 1);
  const [ares] = demand.builders;
  assert.deepEqual([ares?.['hostname'], ares?.['attempts'], ares?.['closed']], ['ares', 1, null]);
});

test('a provisioner tells how its pools stand, and what makes no sense is refused', async () => {
  await using scene = await serveScene({});
  const report = {
    owner: 'farm',
    currency: '€',
    at: 5,
    pools: [],
    remarks: ['none'],
    decisions: [],
  };
  const tell = (body: object): Promise<Response> =>
    fetch(`${scene.url}/provisioners`, { method: 'PUT', body: JSON.stringify(body) });
  assert.equal((await tell(report)).status, 200);
  assert.equal((await tell({ ...report, at: 'now' })).status, 400);
  assert.deepEqual(await get(scene.url, '/provisioners'), { provisioners: [report] });
});

test('of provisioners with one owner one has the lead, until it has not asked for as long as it said', async () => {
  await using scene = await serveScene({});
  const ask = async (holder: string, owner = 'farm'): Promise<unknown> => {
    const body = JSON.stringify({ owner, holder, milliseconds: 60_000 });
    return (await fetch(`${scene.url}/provisioners/lead`, { method: 'POST', body })).json();
  };
  assert.deepEqual(await ask('one'), { holder: 'one', isNew: true });
  assert.deepEqual(await ask('other'), { holder: 'one', isNew: false });
  assert.deepEqual(await ask('one'), { holder: 'one', isNew: false });
  assert.deepEqual(await ask('other', 'another farm'), { holder: 'other', isNew: true });
});

test("a lead that has run out is the next one's", () => {
  const provisioners = new Provisioners();
  const wish = { owner: 'farm', holder: 'one', milliseconds: 10 };
  assert.deepEqual(provisioners.lead(wish, 0), { holder: 'one', isNew: true });
  const other = { ...wish, holder: 'other' };
  assert.deepEqual(provisioners.lead(other, 10), { holder: 'one', isNew: false });
  assert.deepEqual(provisioners.lead(other, 11), { holder: 'other', isNew: true });
});
