import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../logging/logger.ts';
import type { LogDestination } from '../logging/logger.ts';
import { openNotifier } from './notifier.ts';
import type { Notifier } from './notifier.ts';

/** A folder with a `systemd-notify` that writes down what it is to say, a line a call. */
function withManager(): Disposable & {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  heard(): string[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const said = join(folder, 'said');
  writeFileSync(said, '');
  const program = join(folder, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${said}\n`);
  chmodSync(program, 0o755);
  return {
    folder,
    environment: { NOTIFY_SOCKET: '/run/n', PATH: `${folder}:${process.env['PATH']}` },
    heard: () => readFileSync(said, 'utf8').trim().split('\n'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

const open = (environment: NodeJS.ProcessEnv, destination?: LogDestination): Notifier =>
  openNotifier(
    environment,
    createLogger({ program: 'test', level: 'warn', ...(destination && { destination }) }),
  );

test('the service manager hears of the start, of reloading and of the end', async () => {
  using manager = withManager();
  await using notifier = open(manager.environment);
  await notifier.ready('Running');
  await notifier.reloading();
  await notifier.ready('Configuration reloaded - Running');
  await notifier.reloadFailed('Reload failed\n');
  await notifier.status('Building 2 drvs: a, b');
  await notifier.stopping();
  const [reloading] = manager.heard().splice(1, 1);
  assert.match(reloading ?? '', /^\/run\/n RELOADING=1 MONOTONIC_USEC=\d+$/);
  assert.deepEqual(manager.heard().toSpliced(1, 1), [
    '/run/n READY=1 STATUS=Running',
    '/run/n READY=1 STATUS=Configuration reloaded - Running',
    '/run/n READY=1 STATUS=Reload failed ERRNO=1',
    '/run/n STATUS=Building 2 drvs: a, b',
    '/run/n STOPPING=1',
  ]);
});

test('a watchdog hears that the program lives, twice in its time', async () => {
  using manager = withManager();
  const changes = watch(manager.folder);
  await using notifier = open({ ...manager.environment, WATCHDOG_USEC: '100000' });
  await notifier.ready('Running');
  await new Promise<void>((resolve) => {
    changes.on('change', () => {
      if (manager.heard().filter((line) => line.includes('WATCHDOG=1')).length >= 2) resolve();
    });
  });
  changes.close();
});

test('where there is no service manager, nothing is told', async () => {
  using manager = withManager();
  await using notifier = open({ ...manager.environment, NOTIFY_SOCKET: '' });
  await notifier.ready('Running');
  assert.deepEqual(manager.heard(), ['']);
});

test('a service manager that cannot be told is complained of once', async () => {
  const lines: string[] = [];
  const destination = { isTerminal: false, write: (text: string) => void lines.push(text) };
  await using notifier = open({ NOTIFY_SOCKET: '/run/n', PATH: '/nowhere' }, destination);
  await notifier.ready('Running');
  await notifier.stopping();
  assert.equal(lines.length, 1);
});
