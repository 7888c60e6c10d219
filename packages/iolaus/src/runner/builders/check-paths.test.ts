import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash, parseBaseName } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import { checkPaths } from './check-paths.ts';
import { Refusals } from './refusals.ts';

const attempt = parseAttemptUuid('00000000-0000-4000-8000-000000000001') ?? assert.fail();
const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const archive = new Uint8Array([1, 2, 3]);

const infoOf = (name: string): PathInfo => ({
  ...{ path: parseBaseName(`${'0'.repeat(32)}-${name}`), deriver: null, references: [] },
  ...{ narHash: computeHash('sha256', archive), narSize: archive.length, registrationTime: 0 },
  ...{ ultimate: false, signatures: [], contentAddress: null },
});

function incoming(): IncomingPaths {
  const infos = [infoOf('out'), infoOf('dev')];
  return {
    attempt,
    infos,
    importEach: async (take) => {
      for (const info of infos) await take(info, once());
    },
  };
}

async function* once(): AsyncGenerator<Uint8Array> {
  yield archive;
}

test('what is handed over is wanted no more as soon as its attempt is over', async () => {
  let isOver = false;
  const refusals = new Refusals(silent);
  const options = { isUnderWay: () => !isOver, refusals };
  const taken: StorePath[] = [];
  const paths = checkPaths(incoming(), options);
  const importing = paths.importEach(async ({ path }) => {
    taken.push(path);
    isOver = true;
  });
  await assert.rejects(importing, { message: 'what it belongs to is not being built' });
  assert.equal(taken.length, 1);
  assert.throws(() => checkPaths(incoming(), options));
  assert.equal(refusals.counts.get('unwanted-paths'), 2);
});
