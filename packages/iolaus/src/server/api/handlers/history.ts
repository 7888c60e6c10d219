import type { Answer } from '../../../api/contract.ts';
import { findReadable } from '../../../database/api/find-readable.ts';
import { firstBad, lastGood } from '../../../database/api/job-turns.ts';
import type { Database } from '../../../database/connection/connection.ts';
import { listOutputs } from '../../../database/reads/list-outputs.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import type { BuildRow } from '../../../database/reads/read-build.ts';
import { drawGraph } from '../../graph/build-graph.ts';
import { compareInputs } from '../../graph/compare-inputs.ts';
import { readInputs } from '../../graph/derivation-inputs.ts';
import { notFound } from '../../http/api-error.ts';
import type { Call, Handlers } from '../handlers.ts';
import { describeBuild } from '../wording.ts';

export const historyHandlers: Handlers<'readFirstBad' | 'compareBuild' | 'readGraph'> = {
  async readFirstBad({ address: { build } }, { sources: { database } }) {
    const good = await lastGood(database, build);
    const bad = await firstBad(database, build, good?.id ?? 0);
    return {
      lastGood: good === null ? null : describeBuild(good),
      firstBad: bad === null ? null : describeBuild(bad),
    };
  },

  async compareBuild({ address: { build }, query }, call) {
    const { database, storeDirectory } = call.sources;
    const [now, then] = await Promise.all([
      findBuild(database, build),
      findBuild(database, await findOther(build, query.with, call)),
    ]);
    const [before, after] = await Promise.all(
      [then, now].map(({ derivation }) => readInputs(storeDirectory, derivation)),
    );
    return {
      build,
      with: describeBuild(then),
      closureSize: { before: then.closureSize, after: now.closureSize },
      size: { before: then.size, after: now.size },
      outputs: await compareOutputs(database, then.id, now.id),
      inputs: before && after ? compareInputs(before, after) : null,
    };
  },

  readGraph: async ({ address: { build } }, { sources, reader }) =>
    drawGraph(sources, reader, await findBuild(sources.database, build)),
};

async function findBuild(database: Database, id: number): Promise<BuildRow> {
  const row = await readBuild(database, id);
  if (row === null) throw notFound(`There is no build ${id}.`);
  return row;
}

/** What to compare with: the one that was asked for, if the reader may see it, or the last good one of the job. */
async function findOther(
  build: number,
  wanted: number | undefined,
  { sources: { database }, reader }: Call,
): Promise<number> {
  if (wanted === undefined) {
    const good = await lastGood(database, build);
    if (good !== null) return good.id;
    throw notFound(`No build of the same job has succeeded before build ${build}.`);
  }
  const found = await findReadable(database, reader, { type: 'build', names: [wanted] });
  if (found !== null) return wanted;
  throw notFound(`There is no build ${wanted}.`);
}

async function compareOutputs(
  database: Database,
  before: number,
  after: number,
): Promise<Answer<'compareBuild'>['outputs']> {
  const [former, present] = await Promise.all(
    [before, after].map(async (build) => {
      const outputs = await listOutputs(database, build);
      return new Map(outputs.map(({ name, path }) => [name, path]));
    }),
  );
  const names = new Set([...(former?.keys() ?? []), ...(present?.keys() ?? [])]);
  return [...names]
    .toSorted((a, b) => a.localeCompare(b, 'en'))
    .map((name) => ({
      name,
      before: former?.get(name) ?? null,
      after: present?.get(name) ?? null,
    }));
}
