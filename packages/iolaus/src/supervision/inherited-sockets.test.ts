import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { inheritedSocket } from './inherited-sockets.ts';

test('a socket is found by its name', () => {
  const environment = { LISTEN_FDS: '3', LISTEN_FDNAMES: 'other:grpc:rest' };
  assert.equal(inheritedSocket(environment, 'grpc'), 4);
  assert.equal(inheritedSocket(environment, 'rest'), 5);
});

test('where sockets have no names, the first is for status and the second for builders', () => {
  assert.equal(inheritedSocket({ LISTEN_FDS: '2' }, 'rest'), 3);
  assert.equal(inheritedSocket({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' }, 'grpc'), 4);
});

test('what was handed to nobody, or to another process, is not taken', () => {
  const refused = (environment: NodeJS.ProcessEnv): void => {
    assert.throws(
      () => inheritedSocket(environment, 'grpc'),
      (error) => error instanceof Fault && error.exitStatus === 2,
    );
  };
  refused({});
  refused({ LISTEN_FDS: '1' });
  refused({ LISTEN_FDS: '2', LISTEN_PID: '1' });
  refused({ LISTEN_FDS: 'two', LISTEN_FDNAMES: 'rest:grpc' });
  assert.equal(inheritedSocket({ LISTEN_FDS: '2', LISTEN_PID: `${process.pid}` }, 'grpc'), 4);
});

test('a socket that is for builders by its name is not taken for status', () => {
  const environment = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'grpc' };
  assert.equal(inheritedSocket(environment, 'grpc'), 3);
  assert.throws(() => inheritedSocket(environment, 'rest'), { name: 'Fault', code: 'bad-usage' });
});
