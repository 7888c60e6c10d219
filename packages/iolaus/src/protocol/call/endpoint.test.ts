import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAuthority } from '../../testing/certificates.ts';
import { authorityOf, expiryOf, parseEndpoint } from './endpoint.ts';

test('calls name the runner as its address does, with the brackets of IPv6', () => {
  const named = (address: string): string => authorityOf(parseEndpoint(address));
  assert.equal(named('http://[::1]:50051'), '[::1]:50051');
  assert.equal(named('https://runner.example:50051/'), 'runner.example:50051');
  assert.equal(named('https://runner.example'), 'runner.example');
  assert.equal(named('unix:///run/runner'), 'localhost');
});

test('a certificate of ours whose time is over is told of, since a runner says nothing', () => {
  const farm = makeAuthority('the farm');
  const tls = { authority: farm.certificate, domainName: 'runner.example' };
  assert.match(expiryOf({ ...tls, ...farm.issue('ares', 2021) }) ?? '', /expired \(2021-12-31T/);
  assert.equal(expiryOf({ ...tls, ...farm.issue('ares') }), null);
  assert.equal(expiryOf(null), null);
});
