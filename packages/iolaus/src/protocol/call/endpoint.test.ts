import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorityOf, parseEndpoint } from './endpoint.ts';

test('calls name the runner as its address does, with the brackets of IPv6', () => {
  const named = (address: string): string => authorityOf(parseEndpoint(address));
  assert.equal(named('http://[::1]:50051'), '[::1]:50051');
  assert.equal(named('https://runner.example:50051/'), 'runner.example:50051');
  assert.equal(named('https://runner.example'), 'runner.example');
  assert.equal(named('unix:///run/runner'), 'localhost');
});
