import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { computeHash, dumpNar, hashPath } from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import { anAttempt, anInfo, aPath } from '../../protocol/testing/runner-pair.ts';
import { openCourt } from '../../testing/court.ts';
import { archived, forLiars, outputOf, pingOf, successOf } from '../../testing/liar.ts';

// Each is refused with an error of a known kind, counted by that kind, and costs the runner, a process of its own, next to
// no memory; an honest builder has something under way all the time, and builds something else meanwhile.

const megabyte = 1024 * 1024;
const maxLogSize = 1_000;
const maxOutputSize = megabyte;

const refusedAs = (status: CallStatus) => (error: unknown) =>
  error instanceof CallError && error.status === status;

const zeros = async function* ({ narSize }: PathInfo): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(narSize);
};

test('a builder that lies is refused by kind and counted, takes no memory, and an honest one beside it notices nothing', async (context) => {
  await using court = await openCourt({ maxLogSize, maxOutputSize });
  const { farm, honest, liar, stranger, refuses } = court;

  await context.test("other machine's ids", async () => {
    await using victim = liar({ hostname: 'philoctetes' });
    const { derivation } = await farm.queue('held', 'echo > $out', forLiars);
    const { attempt } = await victim.orderOf(derivation);
    await refuses({ 'machine-name-taken': 1, 'foreign-attempt': 2 }, async () => {
      const { machine } = victim.join;
      await using impostor = liar({ machine });
      await assert.rejects(impostor.ended, refusedAs('invalid-argument'));
      await using thief = liar();
      const update = { attempt, machine: thief.join.machine, phase: 'building' } as const;
      await assert.rejects(thief.client.updateStep(update), refusedAs('invalid-argument'));
      const report = successOf(attempt, thief.join);
      await assert.rejects(thief.client.completeBuild(report), refusedAs('invalid-argument'));
    });
  });

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

  await context.test('NARs that decompress without end', async () => {
    await using bomber = liar();
    const queued = await farm.queue('bomb', 'echo > $out', forLiars);
    const order = await bomber.orderOf(queued.derivation);
    const { info, archive } = archived(outputOf(order), 'x');
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield archive;
      for (;;) yield Buffer.alloc(megabyte);
    }
    await refuses({ 'malformed-archives': 1 }, async () => {
      const { attempt } = order;
      await assert.rejects(
        bomber.client.sendPaths({ attempt, infos: [info], nar: endless }),
        refusedAs('invalid-argument'),
      );
    });
  });

  await context.test('an output larger than it may be', async () => {
    await using hoarder = liar();
    const queued = await farm.queue('hoard', 'echo > $out', forLiars);
    const { attempt, ...order } = await hoarder.orderOf(queued.derivation);
    assert.equal(order.maxOutputBytes, maxOutputSize);
    const { info, archive } = archived(outputOf({ attempt, ...order }), 'x'.repeat(maxOutputSize));
    await refuses({ 'too-large': 1 }, async () => {
      const paths = { infos: [info], nar: () => once(archive) };
      const refused = hoarder.client.sendPaths({ attempt, ...paths });
      await assert.rejects(refused, refusedAs('resource-exhausted'));
    });
  });

  await context.test('results for steps that it does not hold', async () => {
    await using boaster = liar();
    await refuses({ 'foreign-attempt': 2, 'unknown-attempt': 1 }, async () => {
      const { client, join, tunnel, ended } = boaster;
      await assert.rejects(
        client.completeBuild(successOf(honest, join)),
        refusedAs('invalid-argument'),
      );
      await assert.rejects(
        client.completeBuild(successOf(anAttempt(), join)),
        refusedAs('not-found'),
      );
      await tunnel.send({ type: 'complete', report: successOf(honest, join) });
      await ended;
    });
  });

  await context.test('what another machine says in the name of who holds a step', async () => {
    await using holder = liar({ hostname: 'philoctetes' });
    const queued = await farm.queue('told-of', 'echo > $out', forLiars);
    const order = await holder.orderOf(queued.derivation);
    const { attempt, derivationPath: derivation } = order;
    const { info, archive } = archived(outputOf(order), 'x');
    const paths = { infos: [info], nar: () => once(archive) };
    const lies = { derivation, attempt, offset: 0, data: once(Buffer.from('lies\n')) };
    // It is given nothing itself.
    await using thief = stranger({ hostname: 'odysseus', systems: ['riscv64-linux'] });
    const { client } = thief;
    await refuses({ 'foreign-attempt': 5, 'unwanted-paths': 1 }, async () => {
      const { machine } = holder.join;
      for (const say of [
        () => client.updateStep({ attempt, machine, phase: 'building' }),
        () => client.completeBuild(successOf(attempt, holder.join)),
        () => client.sendLog(lies),
        () => thief.sendLogOf(derivation, 'lies\n'),
        () => client.sendPaths({ attempt, ...paths }),
        () => client.sendPaths(paths),
      ])
        await assert.rejects(say(), refusedAs('invalid-argument'));
    });
    // The older dialect names no attempt.
    await holder.sendLogOf(derivation, 'said\n');
    await holder.client.sendPaths(paths);
    await holder.client.completeBuild(successOf(attempt, holder.join, said(info)));
    assert.equal(await farm.statusOf(queued.build), 0);
    assert.equal(await farm.logOf(queued), 'said\n');
  });

  await context.test('10,000 pings a second', async () => {
    await using chatterer = liar();
    await refuses({ 'too-many-pings': 1 }, async () => {
      const ping = { type: 'ping', ping: pingOf(chatterer.join) } as const;
      for (let pings = 0; pings < 10_000; pings += 1) {
        if (!(await chatterer.tunnel.send(ping))) break;
      }
      await assert.rejects(chatterer.ended, refusedAs('resource-exhausted'));
    });
  });

  await context.test('a join with 10 MB of features', async () => {
    await refuses({ 'join-too-large': 1 }, async () => {
      const features = Array.from({ length: 10 * 1024 }, () => 'x'.repeat(1024));
      await using giant = liar({ supportedFeatures: features });
      await assert.rejects(giant.ended, refusedAs('invalid-argument'));
    });
  });

  await context.test('a log with no newline for 1 GB', async () => {
    await using babbler = liar();
    const queued = await farm.queue('endless', 'echo > $out', forLiars);
    const { attempt, derivationPath } = await babbler.orderOf(queued.derivation);
    let megabytes = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; megabytes < 1024; megabytes += 1) yield Buffer.alloc(megabyte, 'x');
    }
    await refuses({ 'log-too-long': 1 }, async () => {
      const log = { derivation: derivationPath, attempt, offset: 0, data: endless() };
      await assert.rejects(babbler.client.sendLog(log), refusedAs('resource-exhausted'));
    });
    assert.ok(megabytes < 100, `${megabytes} MiB were taken`);
    assert.equal(await farm.statusOf(queued.build), 10);
    const log = await farm.logOf(queued);
    assert.equal(log.slice(0, maxLogSize), 'x'.repeat(maxLogSize));
    assert.match(log.slice(maxLogSize), /^\n\(the log was cut here: it may have 1000 bytes\)\n$/);
  });

  await court.close();
});

async function* once(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}

const said = ({ path, narSize, narHash }: PathInfo) => ({
  path,
  figures: { narSize, narHash, closureSize: narSize },
  nixSupport: null,
});

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
