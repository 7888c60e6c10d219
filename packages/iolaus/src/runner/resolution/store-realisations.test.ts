import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonPool, fromUtf8, makeDerivationPath } from '@iolaus/nix';
import type { Derivation, StorePath } from '@iolaus/nix';
import { findNewerNix, startPrivateDaemon } from '@iolaus/nix/testing';
import { openStoreRealisations } from './store-realisations.ts';

const floating: Derivation = {
  name: 'floating',
  outputs: new Map([['out', { type: 'floating', method: 'nar', algorithm: 'sha256' }]]),
  inputDerivations: new Map(),
  inputSources: [],
  system: fromUtf8('x86_64-linux'),
  builder: fromUtf8('/bin/sh'),
  arguments: [],
  environment: new Map(),
};

const newer = await findNewerNix('sid');
const versions = [undefined, ...(newer === null ? [] : [newer.folder])];

for (const programs of versions) {
  test(`the daemon knows what was built elsewhere, and a second choice does no harm (${programs === undefined ? 'the Nix of this machine' : 'a newer one'})`, async () => {
    await using daemon = await startPrivateDaemon({}, { programs });
    const { storeDirectory } = daemon.address;
    const path = makeDerivationPath(storeDirectory, floating);
    await using pool = new DaemonPool(daemon.address, { limit: 1 });
    const realisations = openStoreRealisations(pool, storeDirectory, {
      read: () => floating,
      outputs: () => new Map([['out', null]]),
    });
    const add = (text: string): Promise<StorePath> =>
      pool.use((connection) => connection.addTextToStore('floating', fromUtf8(text), []));
    assert.deepEqual(await realisations.find(path), new Map());
    const first = new Map([['out', await add('1')]]);
    await realisations.register(path, first);
    assert.deepEqual(await realisations.find(path), first);
    await realisations.register(path, new Map([['out', await add('2')]]));
    assert.equal((await realisations.find(path)).size, 1);
  });
}
