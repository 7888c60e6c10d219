import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  computeHash,
  defaultStoreDirectory,
  derivationPath,
  fromUtf8,
  makeFixedOutputPath,
  parseBaseName,
} from '@iolaus/nix';
import type {
  ContentAddress,
  Derivation,
  DerivationOutput,
  PathInfo,
  StorePath,
} from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import { attemptNumber, buildId, builderId } from '../../farm/identity.ts';
import type { IncomingPaths } from '../../protocol/store-transfer.ts';
import { Attempts } from '../attempts/attempts.ts';
import { checkPaths } from './check-paths.ts';
import { Refusals } from './refusals.ts';
import type { Misdeed } from './refusals.ts';

const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const archive = new Uint8Array([1, 2, 3]);
const contentAddress: ContentAddress = { method: 'nar', hash: computeHash('sha256', archive) };

const pathOf = (name: string): StorePath => parseBaseName(`${'0'.repeat(32)}-${name}`);
const contentPath = makeFixedOutputPath(defaultStoreDirectory, 'program', contentAddress);

const infoOf = (path: StorePath, changes: Partial<PathInfo> = {}): PathInfo => ({
  path,
  deriver: null,
  references: [],
  narHash: computeHash('sha256', archive),
  narSize: archive.length,
  registrationTime: 0,
  ultimate: false,
  signatures: ['key:signature'],
  contentAddress: null,
  ...changes,
});

const named: DerivationOutput = { type: 'input-addressed', path: pathOf('program') };
const floating: DerivationOutput = { type: 'floating', method: 'nar', algorithm: 'sha256' };

type SceneOptions = {
  readonly output?: DerivationOutput;
  /** Its builder is one of ours, which says for which attempt it hands something over. */
  readonly isOurs?: boolean;
  readonly features?: string;
  /** In the store, and in a cache. */
  readonly stored?: readonly StorePath[];
  readonly cached?: readonly StorePath[];
};

/** An attempt at a derivation with one output, and who wants to hand over something for it. */
function openScene(options: SceneOptions = {}) {
  const { output = named, isOurs = true, features = '', stored = [], cached = [] } = options;
  const attempts = new Attempts(randomUUID, systemClock);
  attempts.add({
    attempt: attemptNumber(1),
    builder: builderId('ant'),
    hostname: 'ant',
    build: buildId(1),
    startedAt: 0,
    maxSilentSeconds: 0,
    timeoutSeconds: 0,
    isGranted: isOurs,
    derivation: derivationPath(`${'1'.repeat(32)}-program.drv`),
  });
  const live = attempts.byNumber(attemptNumber(1)) ?? assert.fail();
  const refusals = new Refusals(silent);
  const imported: PathInfo[] = [];
  const handOver = async (
    infos: readonly PathInfo[],
    {
      attempt = isOurs ? live.uuid : null,
      whileAt = nothing,
      speaksFor = true,
    }: Partial<HandOver> = {},
  ): Promise<void> => {
    const checked = await checkPaths(incoming(attempt, infos), {
      attempts,
      refusals,
      storeDirectory: defaultStoreDirectory,
      speaksFor: () => speaksFor,
      derivations: { read: () => derivationWith(output, features) },
      has: async (path) => stored.includes(path),
      measure: async (paths) =>
        new Map(
          paths
            .filter((path) => cached.includes(path))
            .map((path) => [
              path,
              { path, narSize: 3, closureSize: 3, narHash: infoOf(path).narHash },
            ]),
        ),
      maxOutputBytes: () => 1_000,
    });
    await checked.importEach(async (info, nar) => {
      for await (const _ of nar);
      imported.push(info);
      whileAt();
    });
  };
  const refuses = async (infos: readonly PathInfo[], misdeed: Misdeed): Promise<void> => {
    const before = refusals.counts.get(misdeed) ?? 0;
    await assert.rejects(handOver(infos), { name: 'CallError' });
    assert.equal(refusals.counts.get(misdeed), before + 1);
    assert.deepEqual(imported, []);
  };
  return { attempts, live, refusals, imported, handOver, refuses };
}

type HandOver = {
  readonly attempt: IncomingPaths['attempt'];
  readonly whileAt: () => void;
  /** It comes from the machine that holds the attempt. */
  readonly speaksFor: boolean;
};

const derivationWith = (output: DerivationOutput, features: string): Derivation => ({
  name: 'program',
  outputs: new Map([['out', output]]),
  inputDerivations: new Map(),
  inputSources: [],
  system: fromUtf8('x'),
  builder: fromUtf8('/bin/sh'),
  arguments: [],
  environment: new Map([[fromUtf8('requiredSystemFeatures'), fromUtf8(features)]]),
});

const incoming = (
  attempt: IncomingPaths['attempt'],
  infos: readonly PathInfo[],
): IncomingPaths => ({
  attempt,
  infos,
  importEach: async (take) => {
    for (const info of infos) await take(info, once());
  },
});

async function* once(): AsyncGenerator<Uint8Array> {
  yield archive;
}

test('an output is taken as that of its derivation, whatever else is said of it', async () => {
  const { imported, live, handOver } = openScene();
  const foreign = derivationPath(`${'2'.repeat(32)}-other.drv`);
  await handOver([infoOf(pathOf('program'), { deriver: foreign, contentAddress })]);
  const [taken] = imported;
  assert.equal(taken?.deriver, live.derivation);
  assert.equal(taken.contentAddress, null);
  assert.deepEqual(taken.signatures, []);
});

test('what is handed over is wanted no more as soon as its attempt is over', async () => {
  const output: DerivationOutput = floating;
  const { attempts, refusals, imported, handOver } = openScene({ output });
  const info = infoOf(contentPath, { contentAddress });
  const whileAt = (): void => void attempts.end(attemptNumber(1));
  await assert.rejects(handOver([info, info], { whileAt }), {
    message: 'what it belongs to is not being built',
  });
  assert.equal(imported.length, 1);
  await assert.rejects(handOver([info]));
  assert.deepEqual([...refusals.counts], [['unwanted-paths', 2]]);
});

test('who calls from another machine than the one that holds the attempt hands over nothing', async () => {
  const { handOver, imported, refusals } = openScene();
  const infos = [infoOf(pathOf('program'))];
  await assert.rejects(handOver(infos, { speaksFor: false }), /another builder's/);
  const hydras = openScene({ isOurs: false });
  await assert.rejects(hydras.handOver(infos, { speaksFor: false }), /not being built/);
  assert.deepEqual([...imported, ...hydras.imported], []);
  assert.deepEqual([...refusals.counts], [['foreign-attempt', 1]]);
});

test('a path that is no output of the attempt is refused', async () => {
  const { refuses } = openScene();
  await refuses([infoOf(pathOf('somebody-elses'))], 'unwanted-paths');
  await refuses([infoOf(pathOf('program')), infoOf(pathOf('somebody-elses'))], 'unwanted-paths');
});

test('who does not say for which attempt may bring outputs of those that builders like it hold', async () => {
  const { imported, handOver, refuses } = openScene({ isOurs: false });
  await refuses([infoOf(pathOf('somebody-elses'))], 'unwanted-paths');
  await handOver([infoOf(pathOf('program'))]);
  assert.equal(imported.length, 1);
  const ours = openScene({ isOurs: true });
  await assert.rejects(ours.handOver([infoOf(pathOf('program'))], { attempt: null }));
});

test('what an output needs may come along if a cache has it, with every byte; what is there is left out', async () => {
  const needed = pathOf('needed');
  const there = openScene({ stored: [needed] });
  await there.handOver([infoOf(needed), infoOf(pathOf('program'))]);
  assert.deepEqual(
    there.imported.map(({ path }) => path),
    [pathOf('program')],
  );
  const elsewhere = openScene({ cached: [needed] });
  await elsewhere.refuses(
    [infoOf(needed, { narHash: computeHash('sha256', 'x') })],
    'unwanted-paths',
  );
  await elsewhere.handOver([infoOf(needed)]);
  assert.equal(elsewhere.imported.length, 1);
});

test('what Nix made within a build that uses it may come along', async () => {
  const { imported, handOver } = openScene({ features: 'recursive-nix' });
  await handOver([infoOf(pathOf('made-within')), infoOf(pathOf('program'))]);
  assert.equal(imported.length, 2);
});

test('an output whose path only the build can tell lies where its contents say', async () => {
  const { imported, handOver, refuses } = openScene({ output: floating });
  await refuses([infoOf(pathOf('program'))], 'unwanted-paths');
  await refuses([infoOf(pathOf('program'), { contentAddress })], 'unwanted-paths');
  const other: ContentAddress = { method: 'nar', hash: computeHash('sha256', 'other') };
  const elsewhere = makeFixedOutputPath(defaultStoreDirectory, 'program', other);
  await refuses([infoOf(elsewhere, { contentAddress: other })], 'false-hash');
  await handOver([infoOf(contentPath, { contentAddress })]);
  assert.equal(imported.length, 1);
});

test('a fixed output has to have the contents that were fixed, whatever is said of them', async () => {
  const hash = computeHash('sha256', 'what it has to be');
  const fixed: ContentAddress = { method: 'nar', hash };
  const path = makeFixedOutputPath(defaultStoreDirectory, 'program', fixed);
  const { refuses } = openScene({ output: { type: 'fixed', contentAddress: fixed, path } });
  await refuses([infoOf(path)], 'false-hash');
});

test('an archive that is longer than any output may be is refused before its first byte', async () => {
  const { refuses } = openScene();
  await refuses([infoOf(pathOf('program'), { narSize: 2 ** 52 })], 'too-large');
});
