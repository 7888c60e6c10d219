import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultDataDirectory, openDataFolder } from './data-folder.ts';

let place: string;
before(() => {
  place = mkdtempSync(join(tmpdir(), 'iolaus-data-'));
});
after(() => rmSync(place, { recursive: true }));

test('it is made with all that is above it, and is for its user', async () => {
  const path = join(place, 'new/farm');
  await using folder = await openDataFolder(path);
  assert.equal(folder.path, path);
  // PostgreSQL has to pass through, as another user, where root runs the farm.
  assert.equal(statSync(path).mode & 0o777, process.getuid?.() === 0 ? 0o711 : 0o700);
  for (const name of ['nix', 'build-logs', 'logs', 'run']) {
    assert.equal(statSync(join(path, name)).mode & 0o777, 0o700);
  }
});

test('the mode of a folder that was there stays', async () => {
  const path = join(place, 'old');
  mkdirSync(path);
  chmodSync(path, 0o750);
  await using _folder = await openDataFolder(path);
  assert.equal(statSync(path).mode & 0o777, 0o750);
});

test('a second one is refused whatever the path that leads to it, and told who has it', async () => {
  const path = join(place, 'taken');
  const folder = await openDataFolder(path);
  symlinkSync(path, join(place, 'link'));
  for (const way of [path, join(place, 'link')]) {
    await assert.rejects(openDataFolder(way), {
      code: 'data-folder-in-use',
      exitStatus: 2,
      message: `${path} is in use by another iolaus (process ${process.pid})`,
    });
  }
  await folder[Symbol.asyncDispose]();
  await using again = await openDataFolder(path);
  assert.equal(again.path, path);
});

test('a process that is killed lets go of it', async (t) => {
  const path = join(place, 'killed');
  const module = new URL('data-folder.ts', import.meta.url).href;
  const script = `const { openDataFolder } = await import(${JSON.stringify(module)});
    await openDataFolder(${JSON.stringify(path)});
    console.log('open');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await assert.rejects(openDataFolder(path), {
    code: 'data-folder-in-use',
    message: new RegExp(`process ${holder.pid}`),
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await using folder = await openDataFolder(path);
  assert.equal(folder.path, path);
});

test('what cannot be a folder is told', async () => {
  const file = join(place, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below')]) {
    await assert.rejects(openDataFolder(path), {
      code: 'not-permitted',
      message: `${path} cannot be a folder: there is a file in its way`,
    });
  }
});

test('a place that cannot be written is told', async () => {
  // Even root makes nothing there.
  await assert.rejects(openDataFolder('/sys/farm'), {
    code: 'not-permitted',
    message: '/sys/farm cannot be written',
  });
});

test('a disk that is nearly full is told before anything is begun', async () => {
  const path = join(place, 'full');
  await assert.rejects(openDataFolder(path, { freeBytesMin: Number.MAX_SAFE_INTEGER }), {
    code: 'disk-full',
    exitStatus: 2,
    message: new RegExp(`^there are only \\d+ MB left for ${path}$`),
  });
});

test('a socket can be listened on however long the path of the folder is, at the same place every time', async () => {
  const path = join(place, 'long'.repeat(40));
  const places: string[] = [];
  for (let time = 0; time < 2; time += 1) {
    await using folder = await openDataFolder(path);
    const socketPath = folder.socketPath('runner');
    places.push(socketPath);
    const server = createServer().listen(socketPath);
    await once(server, 'listening');
    assert.equal(statSync(folder.socketFolder).mode & 0o777, 0o700);
    server.close();
    await once(server, 'close');
  }
  assert.equal(places[0], places[1]);
  rmSync(join(places[0] ?? '', '..'), { recursive: true });
});

test('a folder of somebody else in the place of ours is a trap that is not stepped into', async () => {
  const path = join(place, 'trap'.repeat(40));
  const first = await openDataFolder(path);
  const { socketFolder } = first;
  await first[Symbol.asyncDispose]();
  chmodSync(socketFolder, 0o777);
  await assert.rejects(openDataFolder(path), {
    code: 'not-permitted',
    message: `${socketFolder} is not a folder of this user alone`,
  });
  rmSync(socketFolder, { recursive: true });
});

test('by default it is where the system wants states to be', () => {
  assert.equal(
    defaultDataDirectory({ XDG_STATE_HOME: '/states', HOME: '/home/a' }),
    '/states/iolaus',
  );
  assert.equal(defaultDataDirectory({ HOME: '/home/a' }), '/home/a/.local/state/iolaus');
  assert.equal(basename(defaultDataDirectory({})), 'iolaus');
});
