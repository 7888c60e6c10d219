import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCacheAddress } from '../../address/parse-address.ts';
import { fakeCredentials } from '../../testing/fake-credentials.ts';
import { startFakeS3 } from '../../testing/fake-s3.ts';
import type { FakeS3 } from '../../testing/fake-s3.ts';
import { listenLocally } from '../../testing/listen-locally.ts';
import { openObjectStore } from '../open-object-store.ts';

const { accessKeyId, secretAccessKey } = fakeCredentials;
const expiration = () => new Date(Date.now() + 3_600_000).toISOString();

/** Nothing that this machine offers is found: only what a test says. */
const nowhere = {
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'us-east-1',
};

/** What the SDK reads is this process's environment. */
function setEnvironment(variables: Readonly<Record<string, string>>): Disposable {
  const before = { ...process.env };
  for (const name of Object.keys(process.env))
    if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, nowhere, variables);
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(process.env)) delete process.env[name];
      Object.assign(process.env, before);
    },
  };
}

/** Resolves when an object was put, signed by whom the fake knows. */
async function put({ endpoint, bucket }: FakeS3, parameters = ''): Promise<void> {
  using store = openObjectStore(parseCacheAddress(`s3://Cache?endpoint=${endpoint}${parameters}`), {
    retries: { triesMax: 1, firstMilliseconds: 1, longestMilliseconds: 1 },
  });
  await store.put('key', Buffer.from('value'), { contentType: 'text/plain' });
  assert.ok(bucket.objects.has('key'));
}

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'credentials-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('a profile is a section of the credentials file, whose name keeps its case', async () => {
  await using fake = await startFakeS3({ name: 'Cache' });
  await using folder = await openFolder();
  const file = join(folder.path, 'credentials');
  const other = '[farm]\naws_access_key_id = OTHER\naws_secret_access_key = other\n';
  const ours = `[Farm]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  await writeFile(file, `${other}${ours}`);
  using _environment = setEnvironment({ AWS_SHARED_CREDENTIALS_FILE: file });
  await put(fake, '&profile=Farm');
  await assert.rejects(put(fake, '&profile=farm'), { code: 'cache-refused' });
  await assert.rejects(put(fake), { code: 'cache-unavailable' });
});

test('a machine of Amazon has its own, for a token that it asks for', async () => {
  await using fake = await startFakeS3({ name: 'Cache' });
  await using metadata = await serve((request, response) => {
    const isTokenShown = request.headers['x-aws-ec2-metadata-token'] === 'shown';
    const answers: Readonly<Record<string, string>> = {
      'PUT /latest/api/token': 'shown',
      'GET /latest/meta-data/iam/security-credentials/': 'farm-role',
      'GET /latest/meta-data/iam/security-credentials/farm-role': JSON.stringify({
        Code: 'Success',
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        Token: 'session',
        Expiration: expiration(),
      }),
    };
    const answer = answers[`${request.method} ${request.url}`];
    const isAllowed = request.method === 'PUT' || isTokenShown;
    response.writeHead(answer !== undefined && isAllowed ? 200 : 401).end(answer);
  });
  using _environment = setEnvironment({
    AWS_EC2_METADATA_DISABLED: 'false',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
  });
  await put(fake);
});

test('who has a web identity gets credentials for it', async () => {
  await using fake = await startFakeS3({ name: 'Cache' });
  await using folder = await openFolder();
  const file = join(folder.path, 'token');
  await writeFile(file, 'who-we-are');
  let asked = '';
  await using service = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => (asked += text));
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(assumedRole());
    });
  });
  using _environment = setEnvironment({
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/farm',
    AWS_ENDPOINT_URL_STS: service.endpoint,
  });
  await put(fake);
  const form = new URLSearchParams(asked);
  assert.equal(form.get('Action'), 'AssumeRoleWithWebIdentity');
  assert.equal(form.get('WebIdentityToken'), 'who-we-are');
});

test('the token of a session is shown with its keys', async () => {
  await using fake = await startFakeS3({ name: 'Cache' });
  using _environment = setEnvironment({
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: 'session',
  });
  await put(fake);
});

const serve = (listener: RequestListener) => listenLocally(createServer(listener));

const assumedRole = (): string =>
  `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>${expiration()}</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
