import { getJson } from '../api/request.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuilderList, BuildPage, FoundPathList, JobsetList, QueueWindow } from '../api/v2.ts';
import { buildWords, wordsFor } from '../status/words.ts';

/** Something that is called as somebody searched, and where it is. */
export type Finding = {
  readonly kind:
    | 'Builder'
    | 'Jobset'
    | 'Evaluation'
    | 'Job'
    | 'Build'
    | 'Step'
    | 'Derivation'
    | 'Output';
  readonly name: string;
  readonly remark: string;
  readonly address: string;
};

// Of each kind: what is looked for is among the first, or more letters are needed.
const eachMax = 6;
const jobsetsMax = 500;

/** Looks in all places at once; one that does not answer has nothing. */
export async function findEverything(words: string, signal: AbortSignal): Promise<Finding[]> {
  const places = [findBuilders, findJobsets, findBuilds, findStorePaths, findSteps];
  const found = await Promise.allSettled(places.map((find) => find(words, signal)));
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

type Find = (words: string, signal: AbortSignal) => Promise<Finding[]>;

const isCalled = (name: string, words: string): boolean =>
  name.toLowerCase().includes(words.toLowerCase());

const findBuilders: Find = async (words, signal) => {
  const { items } = await getJson<BuilderList>(`${apiRoot}/builders`, signal);
  const called = items.filter(({ name }) => isCalled(name, words)).slice(0, eachMax);
  return called.map(({ name, systems }) => ({
    kind: 'Builder',
    name,
    remark: systems.join(', '),
    address: `/builders/${encodeURIComponent(name)}`,
  }));
};

const findJobsets: Find = async (words, signal) => {
  const { items } = await getJson<JobsetList>(`${apiRoot}/jobsets?limit=${jobsetsMax}`, signal);
  const names = items.map(({ project, name }) => ({ project, name, both: `${project}:${name}` }));
  const called = names.filter(({ both }) => isCalled(both, words)).slice(0, eachMax);
  return called.map(({ project, name, both }) => ({
    kind: 'Jobset',
    name: both,
    remark: 'what waits of it',
    address: `/queue?${new URLSearchParams({ project, jobset: name }).toString()}`,
  }));
};

/** The newest builds, and the jobs that they are of. */
const findBuilds: Find = async (words, signal) => {
  if (/^\d+$/.test(words)) {
    const remark = 'by its number';
    return [
      { kind: 'Build', name: words, remark, address: `/builds/${words}` },
      { kind: 'Evaluation', name: words, remark, address: `/evaluations/${words}` },
    ];
  }
  const query = new URLSearchParams({ search: words, limit: '50' });
  const { items } = await getJson<BuildPage>(`${apiRoot}/builds?${query.toString()}`, signal);
  const jobs = [...new Set(items.map(({ job }) => job))].slice(0, eachMax);
  return [
    ...jobs.map((job) => ({
      kind: 'Job' as const,
      name: job,
      remark: 'all builds of it',
      address: `/?${new URLSearchParams({ search: job }).toString()}`,
    })),
    ...items.slice(0, eachMax).map(({ id, job, status, system }) => ({
      kind: 'Build' as const,
      name: `${job} ${id}`,
      remark: `${wordsFor(buildWords, status).word}, ${system}`,
      address: `/builds/${id}`,
    })),
  ];
};

// As much of a hash as nothing else is called.
const looksLikePath = /^(\/nix\/store\/)?[0-9a-df-np-sv-z]{5,32}(-[\w+.?=-]*)?$/;

/** Derivations and outputs by the beginning of their hashes. */
const findStorePaths: Find = async (words, signal) => {
  if (!looksLikePath.test(words)) return [];
  const query = new URLSearchParams({ hash: words, limit: String(eachMax) });
  const { items } = await getJson<FoundPathList>(
    `${apiRoot}/store-paths?${query.toString()}`,
    signal,
  );
  return items.map(({ path, build, step, job }) => ({
    kind: path.endsWith('.drv') ? 'Derivation' : 'Output',
    name: path.slice(path.lastIndexOf('/') + 1),
    remark: `${job} ${build}`,
    address: step === null ? `/builds/${build}` : `/builds/${build}/steps/${step}`,
  }));
};

const findSteps: Find = async (words, signal) => {
  const query = new URLSearchParams({ search: words, limit: String(eachMax) });
  const { items } = await getJson<QueueWindow>(
    `${apiRoot}/queue/steps?${query.toString()}`,
    signal,
  );
  return items.map(({ name, derivation, build }) => ({
    kind: 'Step',
    name,
    remark: derivation.slice(0, 8),
    address: build === null ? `/queue?search=${encodeURIComponent(name)}` : `/builds/${build}`,
  }));
};
