import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  DaemonConnection,
  DaemonPool,
  derivationPath,
  parseBaseName,
  parseDerivation,
  parseStorePath,
  printStorePath,
} from '@iolaus/nix';
import type { DaemonAddress, Derivation, DerivationPath, StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { operations } from '../../packages/nix/src/daemon/operations/catalogue.ts';
import type { Operation } from '../../packages/nix/src/daemon/operations/operation.ts';
import { oldestVersion } from '../../packages/nix/src/daemon/protocol.ts';
import type { Protocol } from '../../packages/nix/src/daemon/protocol.ts';
import { WireWriter } from '../../packages/nix/src/daemon/wire/writer.ts';
import { median } from '../report.ts';
import { endOfMessages, RawClient } from './raw-client.ts';

export type DaemonFigures = {
  readonly figures: { readonly validPathsRatio: number; readonly buildRatio: number };
  readonly explanation: string;
};

const askedPaths = 100_000;
const validPaths = 1_000;
/** Each a connection of its own, since daemons remember what they have looked up. */
const validityRounds = 8;
const builds = 400;
/** One in so many is built as nix-store --realise does, too: for comparison only, and it takes five times as long. */
const buildsToRealisation = 10;
/** Questions before the first build that counts, for something that is built: a farm runs for longer than it starts. */
const warmUps = 1_500;
/** An old protocol has the shortest greeting, and the same layouts for what is asked here. */
const rawProtocol: Protocol = { version: { ...oldestVersion, minor: 30 }, features: new Set() };

/**
 * Our client beside one that sends prepared bytes and does not look at the answer, in turns, on one daemon: the
 * difference is all that our client adds to the daemon's own time.
 */
export async function measureDaemon(): Promise<DaemonFigures> {
  await using daemon = await startPrivateDaemon();
  const validity = await measureValidity(daemon.address);
  const building = await measureBuilds(daemon);
  return {
    figures: {
      validPathsRatio: validity.raw / validity.ours,
      buildRatio: building.ratio,
    },
    explanation: [
      `validPathsRatio  which of ${askedPaths} paths are valid: ${validity.ours.toFixed(0)} ms; as prepared bytes ${validity.raw.toFixed(0)} ms; at least 0.83`,
      `buildRatio       a trivial build over a pooled connection: ${building.ours.toFixed(2)} ms; as prepared bytes ${building.raw.toFixed(2)} ms, and what nix-store --realise asks ${building.realise.toFixed(2)} ms; at least 0.91`,
    ].join('\n'),
  };
}

type BuildFigures = Milliseconds & {
  /** The middle one of those of pairs that were built one after the other: whatever else goes on slows both. */
  readonly ratio: number;
  /** What nix-store --realise asks, with which a daemon starts its build hook, too. */
  readonly realise: number;
};

type Milliseconds = { readonly ours: number; readonly raw: number };

async function measureValidity(address: DaemonAddress): Promise<Milliseconds> {
  const valid = await addPaths(address);
  const unknown = Array.from({ length: askedPaths - valid.length }, (_, index) =>
    parseBaseName(`${String(index).padStart(32, '0')}-unknown`),
  );
  const paths = [...unknown, ...valid];
  const request = encode(address, operations.queryValidPaths, { paths, substitute: false });
  const answerInBytes =
    endOfMessages.length + listInBytes(valid.map((path) => fullLength(address, path)));
  const measured: Milliseconds[] = [];
  for (let round = 0; round < validityRounds; round += 1) {
    await using connection = await DaemonConnection.connect(address);
    const ours = await milliseconds(async () => {
      const found = await connection.queryValidPaths(paths);
      if (found.size !== valid.length) throw new Error(`${found.size} paths are valid`);
    });
    const client = await RawClient.connect(address.socketPath, hello());
    const raw = await milliseconds(() =>
      client.ask(request, (_, received) => received >= answerInBytes),
    );
    client.close();
    measured.push({ ours, raw });
  }
  return best(measured);
}

async function addPaths(address: DaemonAddress): Promise<StorePath[]> {
  await using connection = await DaemonConnection.connect(address);
  const added: StorePath[] = [];
  for (let index = 0; index < validPaths; index += 1)
    added.push(await connection.addTextToStore(`valid-${index}`, `${index}`));
  return added;
}

async function measureBuilds(daemon: PrivateDaemon): Promise<BuildFigures> {
  const { address, environment } = daemon;
  const make = (name: string, count: number) => instantiate(address, environment, { name, count });
  const [forUs, forRaw] = [make('ours', builds), make('raw', builds)];
  const forRealise = make('realise', builds / buildsToRealisation);
  await using pool = new DaemonPool(address, { limit: 1 });
  const client = await RawClient.connect(address.socketPath, hello());
  const buildOurs = ({ path, derivation }: Made) =>
    pool.use((connection) => connection.buildDerivation(path, derivation));
  const buildRaw = (made: Made) =>
    client.ask(encode(address, operations.buildDerivation, { ...made, mode: 'normal' }), isBuilt);
  const realise = ({ path }: Made) => {
    const request = { targets: [allOf(path)], mode: 'normal' as const };
    return client.ask(encode(address, operations.buildPaths, request), isDone);
  };
  for (let count = 0; count < warmUps; count += 1) {
    await buildOurs(at(forUs, 0));
    await buildRaw(at(forUs, 0));
  }
  const pairs: Milliseconds[] = [];
  const realisations: number[] = [];
  for (let index = 1; index < builds; index += 1) {
    const pair = {
      ours: () => buildOurs(at(forUs, index)),
      raw: () => buildRaw(at(forRaw, index)),
    };
    pairs.push(await measurePair(pair, index % 2 === 0));
    if (index % buildsToRealisation === 0)
      realisations.push(
        await milliseconds(() => realise(at(forRealise, index / buildsToRealisation))),
      );
  }
  client.close();
  return {
    ratio: median(pairs.map(({ ours, raw }) => raw / ours)),
    ours: median(pairs.map(({ ours }) => ours)),
    raw: median(pairs.map(({ raw }) => raw)),
    realise: median(realisations),
  };
}

/** In turns, so that neither always comes after something else. */
async function measurePair(
  { ours, raw }: { readonly [Name in keyof Milliseconds]: () => Promise<unknown> },
  oursFirst: boolean,
): Promise<Milliseconds> {
  if (oursFirst) return { ours: await milliseconds(ours), raw: await milliseconds(raw) };
  return { raw: await milliseconds(raw), ours: await milliseconds(ours) };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
}

/** The end of messages, and a result of which only the status is looked at: 0 and 2 for what is there now. */
function isBuilt(tail: Buffer): boolean {
  const end = tail.indexOf(endOfMessages);
  return end !== -1 && [0, 2].includes(tail.readUInt32LE(end + wordInBytes));
}

/** The end of messages and a 1. A daemon that fails is not waited for: it would say so in the log. */
function isDone(tail: Buffer): boolean {
  return tail.subarray(-16, -8).equals(endOfMessages) && tail.readUInt32LE(tail.length - 8) === 1;
}

function allOf(derivation: DerivationPath) {
  return { type: 'outputs', derivation, outputs: 'all' } as const;
}

type Made = { readonly path: DerivationPath; readonly derivation: Derivation };

function instantiate(
  { storeDirectory }: DaemonAddress,
  environment: Record<string, string>,
  { name, count }: { readonly name: string; readonly count: number },
): Made[] {
  const expression = `builtins.genList (n: derivation {
    name = "${name}-\${toString n}"; system = builtins.currentSystem;
    builder = "/bin/sh"; args = [ "-c" "echo > $out" ];
  }) ${count}`;
  const output = execFileSync('nix-instantiate', ['--expr', expression], {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = output.trim().split('\n');
  return lines.map((line) => {
    const path = derivationPath(parseStorePath(storeDirectory, line));
    return { path, derivation: parseDerivation(storeDirectory, path, readFileSync(line)) };
  });
}

function encode<Request>(
  { storeDirectory }: DaemonAddress,
  { number, request }: Operation<Request, unknown>,
  value: Request,
): Buffer {
  const writer = new WireWriter(storeDirectory).int(number);
  request.write(writer, value, rawProtocol);
  return writer.finish();
}

/** The client's magic word, its version, and two words without meaning. */
function hello(): Buffer {
  const words = [0x6e697863, (1 << 8) | rawProtocol.version.minor, 0, 0];
  const bytes = Buffer.alloc(words.length * wordInBytes);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * wordInBytes);
  return bytes;
}

const wordInBytes = 8;

function fullLength({ storeDirectory }: DaemonAddress, path: StorePath): number {
  return printStorePath(storeDirectory, path).length;
}

/** A count, and for each string its length and itself, padded. */
function listInBytes(lengths: readonly number[]): number {
  const strings = lengths.map((length) => Math.ceil(length / wordInBytes) * wordInBytes);
  return strings.reduce((sum, length) => sum + wordInBytes + length, wordInBytes);
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Whatever else happens on a machine only slows. */
function best(measured: readonly Milliseconds[]): Milliseconds {
  return {
    ours: Math.min(...measured.map(({ ours }) => ours)),
    raw: Math.min(...measured.map(({ raw }) => raw)),
  };
}
