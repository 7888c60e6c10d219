import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { computeHash, dumpNar, hashPath } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { anInfo, aPath } from '../../protocol/testing/runner-pair.ts';
import { openCourt } from '../../testing/court.ts';
import { archived, forLiars, outputOf, refusedAs, said, successOf } from '../../testing/liar.ts';

// Each is refused with an error of a known kind, counted by that kind, and costs the runner, a process of its own, next to
// no memory; an honest builder has something under way all the time, and builds something else meanwhile.

test('a builder that lies about what it has built is refused and counted, and an honest one beside it notices nothing', async (context) => {
  await using court = await openCourt({});
  const { farm, honest, liar, refuses } = court;

  await context.test('paths outside the store, and such as nobody asked for', async () => {
    await using traitor = liar();
    const queued = await farm.queue('outside', 'echo > $out', forLiars);
    const order = await traitor.orderOf(queued.derivation);
    const { attempt } = order;
    const { info, archive } = archived(outputOf(order), 'x');
    const refused = refusedAs('invalid-argument');
    const places = ['/etc/passwd', '../../etc/passwd', `${'0'.repeat(32)}-../x`];
    await refuses(
      { 'malformed-message': 6, 'unwanted-paths': 3, 'foreign-product': 2, 'false-product': 1 },
      async () => {
        for (const place of places) {
          await assert.rejects(traitor.handOver(place, anInfo(aPath('x'), 3), attempt), refused);
          const output = { ...said(info), path: aPath('x') };
          const report = successOf(attempt, traitor.join, output);
          await assert.rejects(traitor.report(place, report), refused);
        }
        const infos = [anInfo(aPath('poison'), 3)];
        const others = [{ attempt }, { attempt: honest }, {}];
        for (const owner of others)
          await assert.rejects(traitor.client.sendPaths({ ...owner, infos, nar: zeros }), refused);
        const infosOfOwn = [info];
        await traitor.client.sendPaths({ attempt, infos: infosOfOwn, nar: () => once(archive) });
        await traitor.client.completeBuild(
          successOf(attempt, traitor.join, { ...said(info), nixSupport: productsOutside(info) }),
        );
      },
    );
    assert.equal(await farm.statusOf(queued.build), 0);
    const products = 'select name, path from buildproducts where build = $1';
    assert.deepEqual(await farm.database.query(products, [queued.build]), []);
  });

  await context.test('hashes and sizes that do not match', async () => {
    await using forger = liar();
    const queued = await farm.queue('forged', 'echo > $out', forLiars);
    const order = await forger.orderOf(queued.derivation);
    const { attempt } = order;
    const { info, archive } = archived(outputOf(order), 'forged');
    await refuses({ 'false-hash': 1, 'false-figures': 1 }, async () => {
      const falseInfos = [{ ...info, narHash: computeHash('sha256', 'x') }];
      await assert.rejects(
        forger.client.sendPaths({ attempt, infos: falseInfos, nar: () => once(archive) }),
        refusedAs('invalid-argument'),
      );
      await forger.client.sendPaths({ attempt, infos: [info], nar: () => once(archive) });
      const figures = { narSize: 1, closureSize: 10 ** 12, narHash: computeHash('sha256', 'x') };
      await forger.client.completeBuild(
        successOf(attempt, forger.join, { ...said(info), figures }),
      );
    });
    assert.equal(await farm.statusOf(queued.build), 0);
    const sizes = 'select size::int4, closuresize::int4 as closure from builds where id = $1';
    assert.deepEqual(await farm.database.query(sizes, [queued.build]), [
      { size: archive.length, closure: archive.length },
    ]);
  });

  await context.test('a product of another size and hash than its file', async () => {
    await using forger = liar();
    const queued = await farm.queue('offered', 'echo > $out', forLiars);
    const order = await forger.orderOf(queued.derivation);
    const { attempt } = order;
    const path = outputOf(order);
    const { storeDirectory } = farm.daemon.address;
    const folder = join(farm.folder, 'offered');
    await mkdir(join(folder, 'nix-support'), { recursive: true });
    await writeFile(join(folder, 'image'), 'true');
    const announced = `file iso ${storeDirectory}/${path}/image\n`;
    await writeFile(join(folder, 'nix-support/hydra-build-products'), announced);
    const { hash: narHash, size: narSize } = await hashPath(folder);
    const info = { ...anInfo(path, narSize), narHash };
    await refuses({ 'false-product': 1 }, async () => {
      await forger.client.sendPaths({ attempt, infos: [info], nar: () => dumpNar(folder) });
      const products = [{ ...aProduct(path), subPath: 'image', name: 'image' }];
      const nixSupport = { failed: false, releaseName: null, metrics: [], products };
      await forger.client.completeBuild(
        successOf(attempt, forger.join, { ...said(info), nixSupport }),
      );
    });
    assert.equal(await farm.statusOf(queued.build), 0);
    const products =
      'select filesize::int4 as size, sha256hash as hash from buildproducts where build = $1';
    assert.deepEqual(await farm.database.query(products, [queued.build]), [
      { size: 4, hash: createHash('sha256').update('true').digest('hex') },
    ]);
  });

  await context.test('contents that are not the fixed ones', async () => {
    await using forger = liar();
    const fixed = `${forLiars} // { outputHashMode = "flat"; outputHashAlgo = "sha256";
      outputHash = builtins.hashString "sha256" "contents"; }`;
    const queued = await farm.queue('fixed', 'exit 1', `(${fixed})`);
    const order = await forger.orderOf(queued.derivation);
    const { attempt } = order;
    const forged = archived(outputOf(order), 'something else');
    const { info, archive } = archived(outputOf(order), 'contents');
    await refuses({ 'false-hash': 1 }, async () => {
      await assert.rejects(
        forger.client.sendPaths({
          attempt,
          infos: [forged.info],
          nar: () => once(forged.archive),
        }),
        refusedAs('invalid-argument'),
      );
      await forger.client.sendPaths({ attempt, infos: [info], nar: () => once(archive) });
    });
    await forger.client.completeBuild(successOf(attempt, forger.join, said(info)));
    assert.equal(await farm.statusOf(queued.build), 0);
  });

  await context.test('numbers that no column of the database holds', async () => {
    await using braggart = liar();
    const queued = await farm.queue('numbers', 'echo > $out', forLiars);
    const { attempt } = await braggart.orderOf(queued.derivation);
    const [year, most] = [366 * 24 * 3_600_000, Number.MAX_SAFE_INTEGER];
    await refuses({}, async () => {
      const report = {
        ...successOf(attempt, braggart.join),
        importMilliseconds: year,
        buildMilliseconds: most,
        uploadMilliseconds: year,
        startedAt: most,
        stoppedAt: 1,
        cpuUserMicroseconds: most,
        peakMemoryBytes: most,
        result: {
          type: 'failed',
          failure: 'build-failed',
          message: 'no\0'.repeat(1e6),
        },
      } as const;
      await braggart.client.completeBuild(report);
      assert.equal(await farm.statusOf(queued.build), 1);
    });
  });

  await court.close();
});

const zeros = async function* ({ narSize }: PathInfo): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(narSize);
};

async function* once(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}

const aProduct = (storePath: StorePath) => ({
  type: 'file',
  subtype: 'x',
  storePath,
  subPath: '',
  defaultPath: '',
  name: 'outside',
  isRegularFile: true,
  fileSize: 1,
  sha256: null,
});

/** Two that lie elsewhere, and one that only looks as if it did. */
function productsOutside({ path }: PathInfo) {
  const product = aProduct(path);
  const products = [
    { ...product, subPath: '../../../etc/passwd' },
    { ...product, storePath: aPath('somebody-elses') },
    { ...product, name: 'within', subPath: './a/../b', defaultPath: '../../c' },
  ];
  return { failed: false, releaseName: null, metrics: [], products };
}
