import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { queueFile } from '../packages/iolaus/src/cli/build/queue-file.ts';
import { startLocalFarm } from '../packages/iolaus/src/cli/up/local-farm.ts';
import type { LocalFarm } from '../packages/iolaus/src/cli/up/local-farm.ts';
import { scriptExpression } from '../packages/iolaus/src/testing/script-expression.ts';
import type { BenchReport } from './report.ts';

const lines = 300;
// The first ones were there before anybody looked.
const warmUpLines = 30;

/** A build that prints the time, line by line, in a farm of real processes, and somebody who follows its log. */
export async function measureLogLatency(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'iolaus-log-'));
  try {
    await using farm = await startLocalFarm({
      dataDirectory: join(folder, 'farm'),
      databaseUrl: null,
      runnerSettings: {},
      builderSettings: {},
      slots: 1,
      page: { host: '127.0.0.1', port: { wanted: 0, orAnother: true } },
      say: () => {},
      signal: new AbortController().signal,
    });
    const lags = await followClock(farm, folder);
    const quantile = (share: number): number => lags[Math.floor(lags.length * share)] ?? Number.NaN;
    return {
      bench: 'log',
      figures: { logLatencyMs: quantile(0.99), logLatencyP50Ms: quantile(0.5), lines: lags.length },
      explanation: `Between the printing of a line in a build and its arrival at who follows the log over HTTP: of 99 and of 50 in 100;
at most 200 for the first. The clock of the build is read by a program of its own, which takes a millisecond or two.`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds between each line and its arrival, in order of their length. */
async function followClock(farm: LocalFarm, folder: string): Promise<number[]> {
  const file = join(folder, 'clock.nix');
  const script = `i=0; while [ $i -lt ${lines} ]; do date +@%s%3N@; sleep 0.03; i=$((i+1)); done; echo > $out`;
  writeFileSync(file, `let ${scriptExpression} in run "clock" ${JSON.stringify(script)} {}`);
  const what = { file, attributes: [], args: [], argStrings: [] };
  const signal = new AbortController().signal;
  const { builds } = await queueFile(farm, what, { reuse: 'unfinished', signal });
  const path = `/api/v2/builds/${builds[0]}/steps/1/log/live`;
  const response = await untilThere(new URL(path, farm.pageUrl ?? ''));
  const lags: number[] = [];
  for await (const piece of response) {
    const now = Date.now();
    for (const [, printed] of String(piece).matchAll(/@(\d{13})@/g))
      lags.push(now - Number(printed));
    if (String(piece).includes('event: end')) break;
  }
  return lags.slice(warmUpLines).toSorted((a, b) => a - b);
}

/** The step begins in a moment. */
async function untilThere(url: URL): Promise<IncomingMessage> {
  for (;;) {
    const asked = request(url);
    asked.end();
    const [response]: IncomingMessage[] = await once(asked, 'response');
    if (response?.statusCode === 200) return response;
    response?.resume();
    await sleep(50);
  }
}
