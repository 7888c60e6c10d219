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

/** An empty bucket for one test. */
export interface TestS3 extends FaultyServer {
  /** Of a cache in it, whose parts are as small as they may be; more parameters can follow. */
  readonly address: string;
  /** Holds the credentials. */
  readonly environment: NodeJS.ProcessEnv;
  keys(): Promise<string[]>;
  /** What was begun in parts, and is neither complete nor aborted. */
  openUploads(): Promise<number>;
}

/**
 * A bucket of the server that `IOLAUS_TEST_S3` names (`s3://ANY?endpoint=http://…&region=…`, credentials in the usual
 * variables), or of our fake.
 */
export async function openTestS3(
  named: string | undefined = process.env['IOLAUS_TEST_S3'],
): Promise<TestS3> {
  if (named === undefined)
    return openBucket(await startFakeS3(), { region: 'us-east-1', environment: fakeEnvironment });
  const { place } = s3Address(named);
  const server = await serveWithFaults(relayTo(place.endpoint));
  return openBucket(server, { region: place.region, environment: process.env });
}

/** Ends the server, too. */
export async function openBucket(
  server: FaultyServer,
  { region, environment }: { readonly region: string; readonly environment: NodeJS.ProcessEnv },
): Promise<TestS3> {
  await using opening = new AsyncDisposableStack();
  opening.use(server);
  const name = `iolaus-${randomBytes(6).toString('hex')}`;
  const address = `s3://${name}?endpoint=${server.endpoint}&region=${region}&buffer-size=5242880`;
  const store = opening.use(openObjectStore(s3Address(address), { environment }));
  if (!(store instanceof S3Store)) throw new Error(`${address} is no address of S3`);
  const { client } = store;
  await mustDo(client, 'PUT');
  const keys = async (): Promise<string[]> => (await collect(store.list(''))).map(({ key }) => key);
  opening.defer(async () => {
    server.inject(() => null);
    for (const key of await keys()) await store.delete(key);
    await mustDo(client, 'DELETE');
  });
  const open = opening.move();
  return {
    ...server,
    ...{ address, environment, keys },
    openUploads: () => countUploads(client),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function s3Address(text: string) {
  const address = parseCacheAddress(text);
  if (address.type === 's3') return address;
  throw new Error(`${text} is no address of S3`);
}

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
