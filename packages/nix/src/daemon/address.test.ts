import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { daemonAddressFromEnvironment } from './address.ts';

const usualSocket = '/nix/var/nix/daemon-socket/socket';

test('without any hint it is the usual socket and store', () => {
  for (const remote of [undefined, '', 'daemon', 'auto'])
    assert.deepEqual(address(remote === undefined ? {} : { NIX_REMOTE: remote }), {
      socketPath: usualSocket,
      storeDirectory: '/nix/store',
    });
});

test('the more special hint wins', () => {
  const state = { NIX_STATE_DIR: '/state' };
  const socket = { ...state, NIX_DAEMON_SOCKET_PATH: '/run/nix.socket' };
  assert.equal(address(state).socketPath, '/state/daemon-socket/socket');
  assert.equal(address(socket).socketPath, '/run/nix.socket');
  assert.equal(address({ ...socket, NIX_REMOTE: 'daemon' }).socketPath, '/run/nix.socket');
  assert.equal(address({ ...socket, NIX_REMOTE: 'unix:///my%20socket' }).socketPath, '/my socket');
  assert.equal(
    address({ ...socket, NIX_REMOTE: 'unix://?root=/mnt' }).socketPath,
    '/mnt/nix/var/nix/daemon-socket/socket',
  );
  assert.equal(
    address({ ...socket, NIX_REMOTE: 'unix://?root=/mnt&state=/s' }).socketPath,
    '/s/daemon-socket/socket',
  );
});

test('the store directory comes from the URI before the environment', () => {
  const environment = { NIX_STORE_DIR: '/my/store' };
  assert.equal(address(environment).storeDirectory, '/my/store');
  const remote = { ...environment, NIX_REMOTE: 'unix:///s?store=/other/store' };
  assert.equal(address(remote).storeDirectory, '/other/store');
  assert.throws(() => address({ NIX_STORE_DIR: 'store' }), NixFormatError);
});

test('a store that is not behind a local daemon is refused by name', () => {
  for (const remote of ['ssh-ng://host', 'local?root=/mnt', '/nix'])
    assert.throws(
      () => address({ NIX_REMOTE: remote }),
      (error: Error) => error.message.includes(remote),
    );
});

function address(environment: Readonly<Record<string, string>>) {
  return daemonAddressFromEnvironment(environment);
}
