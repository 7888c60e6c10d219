import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationPath, parseBaseName } from '@iolaus/nix';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { BuildId } from '../../farm/identity.ts';
import type { Database } from '../connection/connection.ts';
import { testDatabase } from '../testing.ts';
import { finish, finishedBuild, queueBuild } from '../testing-farm.ts';
import { readRealisations, saveRealisations, saveResolutions } from './realisations.ts';

const derivation = (name: string): DerivationPath =>
  derivationPath(`${'0'.repeat(32)}-${name}.drv`);
const output = (name: string): StorePath => parseBaseName(`${'1'.repeat(32)}-${name}`);

type Saved = { readonly from: string; readonly resolved?: string; readonly made: StorePath };

/** What a derivation was resolved into, and what came of that, for all builds or for one. */
const save = (database: Database, { from, resolved = from, made }: Saved, build?: BuildId) =>
  database.transaction(async (transaction) => {
    const buildsOf = () => (build === undefined ? null : [build]);
    if (resolved !== from) {
      const resolutions = new Map([[derivation(from), derivation(resolved)]]);
      await saveResolutions(transaction, resolutions, buildsOf);
    }
    const outputs = new Map([[derivation(resolved), new Map([['out', made]])]]);
    await saveRealisations(transaction, outputs, buildsOf);
  });

/** The output of what the output of … of a derivation is, which is the first output of each. */
async function follow(database: Database, path: DerivationPath, depth: number): Promise<unknown> {
  const [known] = await readRealisations(database, [path]);
  const found = known?.outputs.get('out');
  if (depth === 1 || found === undefined) return found;
  return follow(database, derivationPath(found), depth - 1);
}

test('what derivations produced is found along chains of one to three, through what they were resolved into', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await save(database, { from: 'a', resolved: 'a-resolved', made: derivation('b') });
  await save(database, { from: 'b', made: derivation('c') });
  await save(database, { from: 'c', resolved: 'c-resolved', made: output('first') });
  const lookUp = (depth: number) => follow(database, derivation('a'), depth);
  assert.equal(await lookUp(1), derivation('b'));
  assert.equal(await lookUp(2), derivation('c'));
  assert.equal(await lookUp(3), output('first'));
  await save(database, { from: 'c', resolved: 'c-again', made: output('newest') });
  assert.equal(await lookUp(3), output('newest'));
});

test('what holds for one build alone is known until that has ended', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const build = await queueBuild(database);
  await save(database, { from: 'a', resolved: 'a-resolved', made: output('once') }, build);
  assert.equal(await follow(database, derivation('a'), 1), output('once'));
  await finish(database, [finishedBuild(build)]);
  assert.deepEqual(await readRealisations(database, [derivation('a')]), []);
});
