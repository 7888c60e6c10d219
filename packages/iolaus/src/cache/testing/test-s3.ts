import { randomBytes } from 'node:crypto';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openObjectStore } from '../objects/open-object-store.ts';
import type { S3Client } from '../objects/s3/s3-client.ts';
import { S3Store } from '../objects/s3/s3-store.ts';
import { readElements } from '../objects/s3/xml.ts';
import { collect } from './collect.ts';
import { fakeEnvironment } from './fake-credentials.ts';
import { startFakeS3 } from './fake-s3.ts';
import { serveWithFaults } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';
import { relayTo } from './relay.ts';
import { s3rverEnvironment, startS3rver } from './start-s3rver.ts';

/** A bucket that was empty when it was opened. */
export type TestBucket = {
  /** Of a cache in it, whose parts are as small as they may be; more parameters can follow. */
  readonly address: string;
  /** What lies in it, past all that tests do with caches. */
  readonly objects: S3Store;
  readonly keys: () => Promise<string[]>;
  /** What was begun in parts, and is neither complete nor aborted. */
  readonly openUploads: () => Promise<number>;
};

/** A bucket, and faults between it and whoever works with it. */
export interface TestS3 extends FaultyServer, TestBucket {
  /** Holds the credentials. */
  readonly environment: NodeJS.ProcessEnv;
  /** Who says nothing for so long has a fault: ours answers at once, another's on a busy machine later. */
  readonly silentMilliseconds: number;
  /** A further bucket of the same server; goes when the server does. */
  readonly openBucket: () => Promise<TestBucket>;
}

type Access = Pick<TestS3, 'environment' | 'silentMilliseconds'> & { readonly region: string };

const ours = { region: 'us-east-1', silentMilliseconds: 500 };
const patience = { silentMilliseconds: 10_000 };

/**
 * A bucket of the server that `IOLAUS_TEST_S3` names (`s3://ANY?endpoint=http://…&region=…`, credentials in the usual
 * variables), or of our fake. Every test that needs S3 gets it here, but for those of what only a fake can be asked.
 */
export async function openTestS3(
  named: string | undefined = process.env['IOLAUS_TEST_S3'],
): Promise<TestS3> {
  if (named === undefined)
    return openOn(await startFakeS3(), { ...ours, environment: fakeEnvironment });
  const { place } = s3Address(named);
  const server = await serveWithFaults(relayTo(place.endpoint));
  return openOn(server, { ...patience, region: place.region, environment: credentialsHere() });
}

/** The same of s3rver, whichever server is named. */
export async function openS3rver(): Promise<TestS3> {
  const s3rver = await startS3rver();
  const relay = await serveWithFaults(relayTo(new URL(s3rver.endpoint)));
  const end = async (): Promise<void> => {
    await relay[Symbol.asyncDispose]();
    await s3rver[Symbol.asyncDispose]();
  };
  return openOn(
    { ...relay, [Symbol.asyncDispose]: end },
    { ...ours, environment: s3rverEnvironment },
  );
}

/** Ends the server, too. */
async function openOn(server: FaultyServer, access: Access): Promise<TestS3> {
  await using opening = new AsyncDisposableStack();
  opening.use(server);
  const openBucket = async (): Promise<TestBucket> =>
    opened.use(await makeBucket(server.endpoint, access));
  const opened = opening.use(new AsyncDisposableStack());
  opening.defer(() => server.inject(() => null));
  const bucket = await openBucket();
  const open = opening.move();
  return {
    ...server,
    ...bucket,
    ...access,
    openBucket,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function makeBucket(
  endpoint: string,
  { region, environment }: Access,
): Promise<TestBucket & AsyncDisposable> {
  const name = `iolaus-${randomBytes(6).toString('hex')}`;
  const address = `s3://${name}?endpoint=${endpoint}&region=${region}&buffer-size=5242880`;
  const objects = openObjectStore(s3Address(address), { environment });
  if (!(objects instanceof S3Store)) throw new Error(`${address} is no address of S3`);
  await mustDo(objects.client, 'PUT');
  const keys = async (): Promise<string[]> =>
    (await collect(objects.list(''))).map(({ key }) => key);
  return {
    address,
    objects,
    keys,
    openUploads: () => countUploads(objects.client),
    [Symbol.asyncDispose]: async () => {
      for (const key of await keys()) await objects.delete(key);
      await mustDo(objects.client, 'DELETE');
      objects[Symbol.dispose]();
    },
  };
}

function s3Address(text: string) {
  const address = parseCacheAddress(text);
  if (address.type === 's3') return address;
  throw new Error(`${text} is no address of S3`);
}

const credentialsHere = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));

/** With the bucket itself. */
async function mustDo(client: S3Client, method: 'PUT' | 'DELETE'): Promise<void> {
  const answer = await client.sendForText({ method, key: '' });
  if (answer.type === 'refused') throw answer.fault;
}

async function countUploads(client: S3Client): Promise<number> {
  const answer = await client.sendForText({ method: 'GET', key: '', query: { uploads: '' } });
  if (answer.type === 'refused') throw answer.fault;
  return readElements(answer.text, 'Upload').length;
}
