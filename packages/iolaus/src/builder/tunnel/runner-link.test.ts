import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { storeDirectory } from '@iolaus/nix';
import { unmeasured } from '../../protocol/attempt-report.ts';
import { connectRunner } from '../../protocol/client/runner-client.ts';
import { parseAttemptUuid, parseMachineUuid } from '../../protocol/identity.ts';
import type { StoredReport } from '../../protocol/stored-report.ts';
import { reportOnTunnel } from '../attempts/reports.ts';
import { RunnerLink } from './runner-link.ts';

const attempt = parseAttemptUuid('00000000-0000-4000-8000-000000000001') ?? assert.fail();
const machine = parseMachineUuid('00000000-0000-4000-8000-000000000002') ?? assert.fail();
const report: StoredReport = {
  attempt,
  result: { type: 'succeeded', outputs: new Map() },
  ...unmeasured,
};

/** A runner that hears reports; its tunnel ends a moment before the session that goes by it. */
function connect(link: RunnerLink) {
  const heard = Promise.withResolvers<void>();
  const [tunnel, session] = [new AbortController(), new AbortController()];
  const reports = reportOnTunnel(machine, {
    messages: (async function* () {})(),
    send: async () => {
      heard.resolve();
      return true;
    },
    signal: tunnel.signal,
    close: () => {},
  });
  link.open({
    machine,
    reports,
    logBytes: new Map(),
    client: connectRunner('unix:///nowhere', { storeDirectory: storeDirectory('/nix/store') }),
    sharesStore: true,
    wantsEveryLog: false,
    maxConcurrentDownloads: () => 1,
    signal: session.signal,
  });
  const lose = async (): Promise<void> => {
    tunnel.abort();
    await turn();
    link.close();
    session.abort();
  };
  return { heard: heard.promise, answer: () => reports.answered(attempt), lose };
}

test('a report that was on its way when the tunnel broke is told to the next runner', async () => {
  const link = new RunnerLink();
  const first = connect(link);
  const { signal } = new AbortController();
  const told = link.through(signal, ({ reports }) => reports.complete(report));
  told.catch(() => {});
  await first.heard;
  await first.lose();
  const second = connect(link);
  await Promise.race([second.heard, told]);
  second.answer();
  await told;
});
