import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultStoreDirectory } from '@iolaus/nix';
import { localEndpoint, parseBind } from './bind.ts';
import { serveRunner } from './server/runner-server.ts';
import type { RunnerServer } from './server/runner-server.ts';
import { unexpected } from './testing/runner-pair.ts';

const serve = (bind: string): Promise<RunnerServer> =>
  serveRunner({
    bind,
    tokens: () => null,
    storeDirectory: defaultStoreDirectory,
    handlers: unexpected,
  });

test('an address is a host and a port, or the path of a socket', () => {
  assert.deepEqual(parseBind('[::1]:50051'), { type: 'tcp', host: '::1', port: 50051 });
  assert.deepEqual(parseBind('localhost:0'), { type: 'tcp', host: 'localhost', port: 0 });
  assert.deepEqual(parseBind(':80'), { type: 'tcp', host: '::', port: 80 });
  assert.deepEqual(parseBind('/run/runner'), { type: 'unix', path: '/run/runner' });
  for (const wrong of ['', 'localhost', '::1:50051', 'host:99999', 'run/runner', 'host:x']) {
    assert.throws(() => parseBind(wrong), { name: 'Fault', code: 'bad-configuration' }, wrong);
  }
});

test('a server that listens everywhere is dialled on this machine', () => {
  assert.equal(localEndpoint('0.0.0.0:1'), 'http://127.0.0.1:1');
  assert.equal(localEndpoint('[::]:1'), 'http://[::1]:1');
  assert.equal(localEndpoint('10.0.0.1:1'), 'http://10.0.0.1:1');
  assert.equal(localEndpoint('/a b#c'), 'unix:///a%20b%23c');
});

test('two servers cannot listen at one port, nor at one socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus-'));
  try {
    for (const bind of ['127.0.0.1:0', join(folder, 'socket')]) {
      await using server = await serve(bind);
      await assert.rejects(serve(server.address), { name: 'Fault', code: 'port-in-use' });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the socket of a server that was killed makes way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus-'));
  const bind = join(folder, 'socket');
  const listenAndSayIt = `require('net').createServer().listen(${JSON.stringify(bind)}, () => console.log())`;
  try {
    const killed = spawn(process.execPath, ['-e', listenAndSayIt]);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    await using server = await serve(bind);
    assert.equal(server.address, bind);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is no socket stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus-'));
  const file = join(folder, 'precious');
  try {
    await writeFile(file, 'text');
    await assert.rejects(serve(file), {
      name: 'Fault',
      code: 'bad-configuration',
      remedy: /no socket/,
    });
    assert.equal(await readFile(file, 'utf8'), 'text');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a place where nobody can listen is told by its name', async () => {
  const nowhere = join(tmpdir(), 'not', 'there', 'socket');
  await assert.rejects(serve(nowhere), {
    name: 'Fault',
    code: 'not-permitted',
    message: `we may not listen at ${nowhere}`,
    remedy: /folder/,
  });
});
