import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { BuildResult } from '../../daemon/build-result.ts';
import type { Listener } from '../../daemon/listener.ts';
import type { StorePath } from '../../store-path/store-path.ts';
import {
  derivation,
  full,
  recordedDerivation,
  recordedOutput,
  recordedTarget,
} from '../recorded-values.ts';
import type { RecordedResponse } from '../recorded-values.ts';
import { only, settle } from './conversation.ts';
import type { Conversations, Exchange } from './conversation.ts';

export const buildConversations: Conversations = {
  async 'build-paths'(connection, exchange) {
    const ears = listen();
    const targets = exchange.request.targets.map(recordedTarget);
    await settle(connection.buildPaths(targets, ears.listener), exchange);
    ears.check(exchange);
  },
  async 'build-paths-with-results'(connection, exchange) {
    const ears = listen();
    const targets = exchange.request.targets.map(recordedTarget);
    const results = await connection.buildPathsWithResults(targets, ears.listener);
    ears.check(exchange);
    const recorded: readonly RecordedResponse[] = Object.values(Object(exchange.response));
    assert.deepEqual(
      results.map(({ target }) => target),
      recorded.map(({ path }) => recordedTarget(path)),
    );
    for (const [index, { result }] of results.entries())
      checkResult(result, only(recorded[index]), []);
  },
  async 'build-derivation'(connection, exchange) {
    const ears = listen();
    const path = derivation(exchange.request.drvPath);
    const basic = recordedDerivation(path, exchange.request.drv);
    const result = await connection.buildDerivation(path, basic, ears.listener);
    ears.check(exchange);
    const known = Object.entries(exchange.request.drv.outputs).map(
      ([name, [output]]) => [name, output] as const,
    );
    checkResult(result, only(exchange.response), known);
  },
};

function listen() {
  const log: string[] = [];
  const phases: string[] = [];
  const listener: Listener = {
    onLog: (line) => void log.push(Buffer.from(line).toString('utf8')),
    onPhase: (phase) => void phases.push(phase),
  };
  const check = (exchange: Exchange) =>
    assert.deepEqual({ log, phases }, { log: exchange.log, phases: exchange.phases });
  return { listener, check };
}

const statuses = new Map([
  [0, 'built'],
  [2, 'already-valid'],
  [3, 'permanent-failure'],
  [9, 'misc-failure'],
]);

function checkResult(
  result: BuildResult,
  recorded: RecordedResponse,
  known: readonly (readonly [name: string, path: string])[],
): void {
  assert.equal(result.status, statuses.get(recorded.status));
  assert.equal(result.message, stripVTControlCharacters(recorded.errorMsg));
  assert.equal(result.timesBuilt, recorded.timesBuilt ?? 0);
  const told = Object.entries(recorded.builtOutputs ?? {}).map(recordedOutput);
  const expected = new Map<string, StorePath>();
  if (recorded.status < 3)
    for (const [name, path] of [...known, ...told]) if (path !== '') expected.set(name, full(path));
  assert.deepEqual(result.outputs, expected);
}
