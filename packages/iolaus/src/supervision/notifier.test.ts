import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../logging/logger.ts';
import type { LogDestination } from '../logging/logger.ts';
import { openNotifier } from './notifier.ts';
import type { Notifier } from './notifier.ts';
import { openServiceManager } from './testing/service-manager.ts';

const open = (environment: NodeJS.ProcessEnv, destination?: LogDestination): Notifier =>
  openNotifier(
    environment,
    createLogger({ program: 'test', level: 'warn', ...(destination && { destination }) }),
  );

test('the service manager hears of the start, of reloading and of the end', async () => {
  using manager = openServiceManager();
  await using notifier = open(manager.environment);
  await notifier.ready('Running');
  await notifier.reloading();
  await notifier.ready('Configuration reloaded - Running');
  await notifier.reloadFailed('Reload failed\n');
  await notifier.status('Building 2 drvs: a, b');
  await notifier.stopping();
  const [reloading] = manager.heard().splice(1, 1);
  assert.match(reloading ?? '', /^RELOADING=1 MONOTONIC_USEC=\d+$/);
  assert.deepEqual(manager.heard().toSpliced(1, 1), [
    'READY=1 STATUS=Running',
    'READY=1 STATUS=Configuration reloaded - Running',
    'READY=1 STATUS=Reload failed ERRNO=1',
    'STATUS=Building 2 drvs: a, b',
    'STOPPING=1',
  ]);
});

test('a watchdog hears that the program lives, twice in its time', async () => {
  using manager = openServiceManager();
  await using notifier = open({ ...manager.environment, WATCHDOG_USEC: '100000' });
  await notifier.ready('Running');
  await manager.told(/WATCHDOG=1[^]*WATCHDOG=1/);
});

test('where there is no service manager, nothing is told', async () => {
  using manager = openServiceManager();
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
