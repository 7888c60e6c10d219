import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationPath } from '@iolaus/nix';
import { drawTree } from './draw-tree.ts';
import type { FarmPicture, WatchedBuild } from './farm-picture.ts';
import type { RunnerProgress } from '../../runner/attempts/progress.ts';

const plain = (_: unknown, text: string): string => text;
const size = { columns: 100, rows: 24 };
const digest = '0'.repeat(32);

test('what runs stands under the build that it is for, with its phase and how long it has been going', () => {
  const lines = drawTree(
    picture([unfinished(1, 'hello')], running([{ build: 1, name: 'gcc', startedAt: 1_000 }])),
    5_000,
    size,
    plain,
  );
  assert.deepEqual(lines.slice(1, 3), ['├─ ● hello', '│  └─ gcc  4.0s  building on ares']);
});

test('the headline counts what is done, what failed, what runs and what waits', () => {
  const builds = [finished(1, 'a', 'succeeded'), finished(2, 'b', 'timed-out'), unfinished(3, 'c')];
  const [headline] = drawTree(picture(builds, running([])), 12_000, size, plain);
  assert.equal(headline, '2 of 3 builds done · 1 failed · 0 steps running · 7 waiting · 12s');
});

test('a failure says how it ended', () => {
  const lines = drawTree(picture([finished(2, 'b', 'timed-out')], undefined), 0, size, plain);
  assert.equal(lines[1], '├─ ✖ b  1.0s  timed out');
});

test('no more lines are drawn than the terminal has, whatever runs', () => {
  const many = Array.from({ length: 200 }, (_, id) => unfinished(id, `job${id}`));
  const steps = many.map(({ id }) => ({ build: id, name: `step${id}`, startedAt: 0 }));
  const lines = drawTree(picture(many, running(steps)), 0, { columns: 80, rows: 10 }, plain);
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test('no line is wider than the terminal, and colours take no room', () => {
  const colourful = (_: unknown, text: string): string => `\u001b[31m${text}\u001b[39m`;
  const builds = [unfinished(1, 'x'.repeat(300))];
  const lines = drawTree(
    picture(builds, running([{ build: 1, name: 'y'.repeat(300), startedAt: 0 }])),
    0,
    { columns: 40, rows: 24 },
    colourful,
  );
  for (const line of lines) {
    const shown = line.replaceAll(/\u001b\[[0-9;]*m/g, '');
    assert.ok(shown.length <= 40, shown);
  }
});

function picture(
  builds: readonly WatchedBuild[],
  progress: RunnerProgress | undefined,
): FarmPicture {
  return { builds, progress: () => progress, startedAt: 0 };
}

function unfinished(id: number, attribute: string): WatchedBuild {
  return { id, attribute, outcome: null, startedAt: null, stoppedAt: null };
}

function finished(
  id: number,
  attribute: string,
  outcome: NonNullable<WatchedBuild['outcome']>,
): WatchedBuild {
  return { id, attribute, outcome, startedAt: 1_000, stoppedAt: 2_000 };
}

function running(
  steps: readonly { readonly build: number; readonly name: string; readonly startedAt: number }[],
): RunnerProgress {
  return {
    running: steps.map(({ build, name, startedAt }, attempt) => ({
      attempt,
      derivation: derivationPath(
        `${digest}-${name}.drv`.slice(0, 200).replace(/(\.drv)?$/, '.drv'),
      ),
      build,
      hostname: 'ares',
      phase: 'building',
      startedAt,
    })),
    waitingSteps: 7,
    unfinishedBuilds: 1,
    builders: 1,
    succeededSteps: 0,
    failedSteps: 0,
  };
}
