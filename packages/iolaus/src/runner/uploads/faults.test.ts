import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { narinfoKey } from '../../cache/narinfos/narinfo-object.ts';
import { sweepMultiparts } from '../../cache/objects/s3/sweep-multiparts.ts';
import { fromStoreFolder, Publisher } from '../../cache/publish/publisher.ts';
import type { InjectedFault } from '../../cache/testing/faulty-server.ts';
import { kindOf } from '../../cache/testing/kind-of-request.ts';
import { until } from '../../testing/live-farm.ts';
import { openUploadScene } from './direct/testing/upload-scene.ts';
import type { UploadScene } from './direct/testing/upload-scene.ts';

/** A way into the cache for what goes at once and what goes in parts, and each kind of request on it. */
type Way = {
  readonly uploader: string;
  readonly upload: (scene: UploadScene) => Promise<unknown>;
  readonly kinds: readonly string[];
};

const kindsOfAll = [
  'HEAD narinfo',
  'PUT nar',
  'POST nar begin',
  'PUT nar part',
  'POST nar end',
  'PUT narinfo',
];

const ways: readonly Way[] = [
  {
    uploader: 'the runner',
    upload: ({ cache, folder, infos: { small, large } }) =>
      new Publisher(cache).publish([small, large], fromStoreFolder(folder)),
    kinds: [...kindsOfAll, 'HEAD nar'],
  },
  {
    uploader: 'a builder',
    upload: (scene) => scene.upload(),
    kinds: [...kindsOfAll, 'GET nar'],
  },
];

/** What befalls a request, and what the time is. */
type Trouble = { readonly strike: () => InjectedFault | null; readonly now?: () => number };

const faults: Readonly<Record<string, () => Trouble>> = {
  'the connection is reset': injecting('reset'),
  'the connection is reset in the middle of what is sent': injecting('broken-off'),
  'it is done, and the connection reset': injecting('answer-lost'),
  'nothing is ever answered': injecting('silence'),
  'the answer is 500': injecting('internal-error'),
  'the answer is 503, slow down': injecting('slow-down'),
  'the answer is 200 with an error in its body': injecting('error-in-body'),
  'the body of the answer is truncated': injecting('cut'),
  'the body of the request is truncated': injecting('truncated'),
  'the ETag is another': injecting('wrong-etag'),
  'the clock is set': settingTheClock,
};

function injecting(fault: InjectedFault) {
  return (): Trouble => ({ strike: () => fault });
}

/** Two hours ahead, two hours behind, and so on. */
function settingTheClock(): Trouble {
  let [hours, next] = [0, 2];
  const strike = (): null => {
    [hours, next] = [next, -next];
    return null;
  };
  return { strike, now: () => Date.now() + hours * 3_600_000 };
}

/** Many more than there are kinds of requests: a slow machine fails by itself, too. */
const triesMax = 20;

async function strikeAtEachKind(
  { upload, kinds }: Way,
  { strike, now = Date.now }: Trouble,
): Promise<void> {
  await using scene = await openUploadScene({ now });
  const { s3 } = scene;
  const left = new Set(kinds);
  const tryToUpload = async (): Promise<boolean> => {
    s3.inject((request) => (left.delete(kindOf(request)) ? strike() : null));
    const isDone = await upload(scene).then(
      () => true,
      () => false,
    );
    s3.inject(() => null);
    return isDone;
  };
  for (let tries = 1; !(await tryToUpload()); tries += 1) {
    assert.ok(
      tries < triesMax,
      `after ${tries} tries there is still no answer to ${[...left].join()}`,
    );
    await scene.verify();
  }
  assert.deepEqual([...left], []);
  assert.equal(await scene.verify(), 2);
  scene.uploads.end(scene.live);
  // Whoever did not hear that an upload had begun cannot abort it.
  await sweepMultiparts(scene.client, Date.now() + 3 * 24 * 3_600_000);
  assert.equal(await s3.openUploads(), 0);
}

for (const way of ways) {
  suite(`${way.uploader} uploads, and once at each kind of request`, { concurrency: 4 }, () => {
    for (const [sentence, open] of Object.entries(faults))
      test(`${sentence}: no lie is told, and all is published`, () =>
        strikeAtEachKind(way, open()));
  });

  test(`${way.uploader} uploads: a slow object delays nothing that does not need it`, async () => {
    await using scene = await openUploadScene({ silentMilliseconds: 60_000 });
    const { s3, infos } = scene;
    const slow = Promise.withResolvers<null>();
    s3.inject((request) => (kindOf(request) === 'PUT nar part' ? slow.promise : null));
    const uploading = way.upload(scene);
    await until(async () => (await s3.keys()).includes(narinfoKey(infos.small.path)));
    slow.resolve(null);
    await uploading;
    assert.equal(await scene.verify(), 2);
  });
}
