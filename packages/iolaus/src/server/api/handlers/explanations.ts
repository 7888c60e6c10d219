import type { Answer } from '../../../api/contract.ts';
import { listReadableJobsets } from '../../../database/api/list-readable-jobsets.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import { askRunner, RunnerRefused } from '../../runner/ask-runner.ts';
import { ApiError, notFound } from '../../http/api-error.ts';
import { explanationSchema } from '../../queue/explanation.ts';
import type { RunnersExplanation } from '../../queue/explanation.ts';
import { machineSentence, whySentence } from '../../queue/why-sentence.ts';
import type { Call, Handlers } from '../handlers.ts';
import { orUnreachable } from '../unreachable.ts';
import { describeBuild } from '../wording.ts';

type Explanation = Answer<'explainBuild'>;

// More than these are found on the page of the queue.
const inputsMax = 100;

export const explanationHandlers: Handlers<'explainStep' | 'explainBuild'> = {
  async explainStep({ address: { derivation } }, call) {
    const told = await explain(call, `/explain?derivation=${encodeURIComponent(derivation)}`);
    if (told !== null && (await isReadable(told, call))) return describe(told);
    throw notFound(`No unfinished build needs ${derivation}.`);
  },

  async explainBuild({ address: { build } }, call) {
    const row = await readBuild(call.sources.database, build);
    if (row === null) throw notFound(`There is no build ${build}.`);
    if (row.finished) {
      const { status } = describeBuild(row);
      return { ...nothingToTell, reason: 'finished', sentence: `It is finished: ${status}.` };
    }
    const told = await explain(call, `/explain/${build}`).catch(unlessUnreachable);
    if (told === 'unreachable') return nobodyTells;
    return told === null ? notRead : describe(told);
  },
};

const nothingToTell = {
  derivation: null,
  inputs: [],
  machines: [],
  starts: null,
  ends: null,
  place: null,
  tries: 0,
  losses: 0,
};

const notRead: Explanation = {
  ...nothingToTell,
  reason: 'not-read',
  sentence: 'The runner has not read it yet.',
};

const nobodyTells: Explanation = {
  ...nothingToTell,
  reason: 'not-read',
  sentence: 'The runner does not answer, and nobody else knows.',
};

/** A build is there all the same. */
function unlessUnreachable(error: unknown): 'unreachable' {
  if (error instanceof ApiError && error.code === 'runner-unreachable') return 'unreachable';
  throw error;
}

/** Null: the runner knows nothing of it, which is so of what is finished. */
const explain = ({ sources }: Call, path: string): Promise<RunnersExplanation | null> =>
  orUnreachable(sources, async (runnerUrl) => {
    try {
      return explanationSchema.parse(JSON.parse(await askRunner(runnerUrl, path)));
    } catch (error) {
      if (error instanceof RunnerRefused && [400, 404].includes(error.status)) return null;
      throw error;
    }
  });

async function isReadable({ jobsets }: RunnersExplanation, { sources, reader }: Call) {
  const readable = await listReadableJobsets(sources.database, reader);
  return jobsets.some((id) => readable.has(id));
}

function describe(told: RunnersExplanation): Explanation {
  const { why, machines, starts, ends, jobsets: _, ...rest } = told;
  return {
    ...rest,
    sentence: whySentence(told),
    reason: why.type,
    inputs: why.inputs.slice(0, inputsMax),
    machines: machines.map(({ hostname, reason }) => ({
      name: hostname,
      reason,
      sentence: machineSentence(reason),
    })),
    starts: wordSpan(starts),
    ends: wordSpan(ends),
  };
}

const wordSpan = ({ earliest, latest }: RunnersExplanation['starts']) => ({
  earliest: new Date(earliest).toISOString(),
  latest: latest === null ? null : new Date(latest).toISOString(),
});
