import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { derivationPath } from '@iolaus/nix';
import { pino } from 'pino';
import { systemClock } from '../../clock/system-clock.ts';
import { attemptNumber, buildId, builderId } from '../../farm/identity.ts';
import { Attempts } from '../attempts/attempts.ts';
import { Refusals } from '../builders/refusals.ts';
import { openLogs } from './logs.ts';

test('an attempt has so many logs on their way at most, and again when they have ended', async () => {
  const attempts = new Attempts(() => '00000000-0000-4000-8000-000000000001', systemClock);
  const derivation = derivationPath(`${'0'.repeat(32)}-x.drv`);
  attempts.add({
    attempt: attemptNumber(1),
    derivation,
    builder: builderId('ant'),
    hostname: 'ant',
    build: buildId(1),
    startedAt: 0,
    isGranted: true,
    maxSilentSeconds: 0,
    timeoutSeconds: 0,
  });
  const live = attempts.byNumber(attemptNumber(1)) ?? assert.fail();
  live.stepNumber = 1;
  const over = Promise.withResolvers<boolean>();
  const logs = openLogs({
    attempts,
    files: {
      bytes: async () => 0,
      write: () => over.promise,
      finish: async () => {},
      sweep: async () => {},
    },
    refusals: new Refusals(pino({ level: 'silent' })),
    limitBytes: () => 1_000,
    onExcess: () => {},
  });
  const send = (): Promise<void> =>
    logs.receive(
      { derivation, attempt: live.uuid, offset: 0, data: Readable.from([]) },
      () => true,
    );
  const sending = Array.from({ length: 16 }, send);
  await assert.rejects(send(), { status: 'resource-exhausted' });
  over.resolve(true);
  await Promise.all(sending);
  await send();
});
