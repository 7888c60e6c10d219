import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepMultiparts } from '../../../cache/objects/s3/sweep-multiparts.ts';
import { openUploadScene } from './testing/upload-scene.ts';

/** Requests that an upload of both outputs makes, at least. */
const requestsUsual = 18;

test('a builder that is killed at any request leaves no lie, and another one can do it', async () => {
  for (let number = 2; number <= requestsUsual; number += 3) {
    await using scene = await openUploadScene();
    const killed = new AbortController();
    scene.s3.inject((request) => {
      if (request.number === number) killed.abort(new Error('killed'));
      return null;
    });
    await scene.upload(undefined, undefined, killed.signal).catch(() => {});
    scene.uploads.end(scene.live);
    await scene.verify();
    await scene.upload(undefined, scene.rival());
    assert.equal(await scene.verify(), 2, `killed at ${number}`);
    await sweepMultiparts(scene.client, Date.now() + 3 * 24 * 3_600_000);
    assert.equal(await scene.s3.openUploads(), 0, `killed at ${number}`);
  }
});

test('a runner that comes anew at any request has the builder begin again, and no lie told', async () => {
  for (let number = 2; number <= requestsUsual; number += 3) {
    await using scene = await openUploadScene();
    scene.s3.inject((request) => {
      if (request.number === number) scene.restart();
      return null;
    });
    await scene.upload().catch(() => {});
    await scene.verify();
    await scene.upload();
    assert.equal(await scene.verify(), 2, `anew at ${number}`);
  }
});
