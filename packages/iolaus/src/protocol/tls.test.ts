import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultStoreDirectory as store } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { makeAuthority } from '../testing/certificates.ts';
import type { Identity } from '../testing/certificates.ts';
import { CallError } from './call-error.ts';
import { connectRunner } from './client/runner-client.ts';
import type { VersionAnswer } from './client/runner-client.ts';
import { parseMachineUuid } from './identity.ts';
import { serveRunner } from './server/runner-server.ts';
import type { RunnerServer } from './server/runner-server.ts';
import { unexpected } from './testing/runner-pair.ts';

const authority = makeAuthority('the farm');
const stranger = makeAuthority('somebody else');
const machine = parseMachineUuid('00000000-0000-4000-8000-000000000000');

function serve(own: Identity): Promise<RunnerServer> {
  return serveRunner({
    bind: '127.0.0.1:0',
    handlers: unexpected,
    storeDirectory: store,
    tokens: () => null,
    tls: { ...own, clientAuthority: authority.certificate },
  });
}

async function ask(
  endpoint: string,
  tls?: Identity & { readonly authority: string; readonly domainName: string },
): Promise<VersionAnswer> {
  assert.ok(machine !== null);
  await using client = connectRunner(endpoint, {
    storeDirectory: store,
    ...(tls !== undefined && { tls }),
  });
  return await client.checkVersion({ machine, hostname: 'ares' });
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof CallError && error.status === 'unavailable';

test('a builder with a certificate of the authority is served, one without it is not', async () => {
  await using server = await serve(authority.issue('runner.example'));
  assert.match(server.endpoint, /^https:/);
  const trusted = { authority: authority.certificate, domainName: 'runner.example' };
  const answer = await ask(server.endpoint, { ...authority.issue('ares'), ...trusted });
  assert.equal(answer.type, 'compatible');
  await assert.rejects(
    ask(server.endpoint, { ...stranger.issue('ares'), ...trusted }),
    isUnavailable,
  );
  await assert.rejects(ask(server.endpoint.replace('https', 'http')), isUnavailable);
});

test('a runner whose certificate bears another name, or is of another authority, is not trusted', async () => {
  await using server = await serve(authority.issue('runner.example'));
  const own = authority.issue('ares');
  const otherName = { ...own, authority: authority.certificate, domainName: 'other.example' };
  await assert.rejects(ask(server.endpoint, otherName), isUnavailable);
  const otherAuthority = {
    ...own,
    authority: stranger.certificate,
    domainName: 'runner.example',
  };
  await assert.rejects(ask(server.endpoint, otherAuthority), isUnavailable);
});

test('certificates that are none stop the runner, and are not sent in the clear', async () => {
  const isBad = (error: unknown): boolean =>
    error instanceof Fault && error.code === 'bad-configuration' && error.exitStatus === 2;
  const own = authority.issue('runner.example');
  await assert.rejects(serve({ ...own, certificate: 'nothing' }), isBad);
  await assert.rejects(serve({ ...own, key: stranger.key }), isBad);
  const tls = { ...own, authority: authority.certificate, domainName: 'runner.example' };
  const dial = (url: string, changes: Partial<typeof tls>) =>
    connectRunner(url, { storeDirectory: store, tls: { ...tls, ...changes } });
  assert.throws(() => dial('http://localhost:1', {}), isBad);
  for (const part of ['authority', 'certificate', 'key'])
    assert.throws(() => dial('https://localhost:1', { [part]: 'nothing' }), isBad, part);
  assert.throws(() => dial('https://localhost:1', { key: stranger.key }), isBad);
});

test('certificates are exchanged while the runner works, and wrong ones change nothing', async () => {
  await using server = await serve(authority.issue('old.example'));
  const own = { ...authority.issue('ares'), authority: authority.certificate };
  const renew = (identity: Identity): void =>
    server.renewCertificates({ ...identity, clientAuthority: authority.certificate });
  renew(authority.issue('new.example'));
  const asked = await ask(server.endpoint, { ...own, domainName: 'new.example' });
  assert.equal(asked.type, 'compatible');
  await assert.rejects(ask(server.endpoint, { ...own, domainName: 'old.example' }), isUnavailable);
  assert.throws(() => renew({ ...authority.issue('x'), key: 'none' }), Fault);
  const again = await ask(server.endpoint, { ...own, domainName: 'new.example' });
  assert.equal(again.type, 'compatible');
});
