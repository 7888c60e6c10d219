import type { Answer, ApiClient } from '../../api/client.ts';
import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { printTable } from '../terminal/table.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

type Filter = {
  readonly status?: string | undefined;
  readonly project?: string | undefined;
  readonly jobset?: string | undefined;
  readonly search?: string | undefined;
  readonly limit?: string | undefined;
};

type Listing = { readonly items: readonly object[] };

type Kind = {
  /** The fields of an item that are printed for people. */
  readonly columns: readonly string[];
  list(client: ApiClient, filter: Filter): Promise<Listing>;
};

const kinds: Readonly<Record<string, Kind>> = {
  projects: {
    columns: ['name', 'displayName', 'description'],
    list: (client, { limit }) => client.ask('listProjects', { query: { limit } }),
  },
  jobsets: {
    columns: ['project', 'name', 'enabled', 'schedulingShares', 'description'],
    list: (client, { limit, project, jobset }) =>
      client.ask('listJobsets', { query: { limit, project, jobset } }),
  },
  evaluations: {
    columns: ['id', 'project', 'jobset', 'evaluatedAt', 'succeeded', 'failed', 'unfinished'],
    list: (client, { limit, project, jobset }) =>
      client.ask('listEvaluations', { query: { limit, project, jobset } }),
  },
  builds: {
    columns: ['id', 'status', 'system', 'project', 'jobset', 'job'],
    list: (client, { status, ...filter }) =>
      client.ask('listBuilds', { query: { ...filter, status: readStatus(status) } }),
  },
  steps: {
    columns: ['build', 'number', 'phase', 'machine', 'startedAt', 'derivation'],
    list: (client) => client.ask('listRunningSteps'),
  },
  queue: {
    columns: ['derivation', 'system', 'state', 'reason', 'since', 'build'],
    list: (client, { limit, project, jobset, search }) =>
      client.ask('listQueuedSteps', { query: { limit, project, jobset, search } }),
  },
  builders: {
    columns: ['name', 'running', 'slots', 'closed', 'load1', 'systems'],
    list: (client) => client.ask('listBuilders'),
  },
  provisioners: {
    columns: ['owner', 'pool', 'existing', 'wanted', 'booting', 'ready', 'draining', 'sentence'],
    list: async (client) => ({
      items: (await client.ask('listProvisioners')).items.flatMap(poolsOf),
    }),
  },
  queues: {
    columns: ['system', 'queued', 'running'],
    list: (client) => client.ask('listQueues'),
  },
  emergencies: {
    columns: ['subject', 'id', 'preempts'],
    list: (client) => client.ask('listEmergencies'),
  },
  shares: {
    columns: ['project', 'jobset', 'shares', 'usedSeconds'],
    list: (client) => client.ask('listShares'),
  },
};

type Provisioner = Answer<'listProvisioners'>['items'][number];

const poolsOf = ({ owner, currency, pools }: Provisioner): object[] =>
  pools.map((pool) => ({ owner, ...pool, currency }));

export const lsCommand: Command = {
  words: Object.keys(kinds),
  help: `iolaus ls KIND: what is on a farm

  KIND              ${Object.keys(kinds).join(', ')}
  --status WORD     builds that are queued, running, succeeded or failed
  --project NAME, --jobset NAME, --search TEXT
  --limit N         (default: 50)
  --json            as JSON, an item a line
  ${remoteHelp}

  iolaus ls builds --status failed --project nixpkgs`,
  async run(parameters) {
    const { values, positionals } = parseParameters('ls', parameters, {
      ...remoteOptions,
      status: { type: 'string' },
      project: { type: 'string' },
      jobset: { type: 'string' },
      search: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const kind = kinds[positionals[0] ?? ''];
    if (kind === undefined || positionals.length !== 1) {
      throw new Fault('bad-usage', 'iolaus ls takes one kind of things', {
        remedy: `There are ${Object.keys(kinds).join(', ')}.`,
      });
    }
    const { url, json, ...filter } = values;
    const { items } = await withServer(url, (client) => kind.list(client, filter));
    if (json) for (const item of items) console.log(JSON.stringify(item));
    else console.log(printItems(items, kind.columns));
    return 0;
  },
};

function printItems(items: readonly object[], columns: readonly string[]): string {
  const rows = items.map((item) => {
    const fields = new Map<string, unknown>(Object.entries(item));
    return columns.map((column) => print(fields.get(column)));
  });
  return printTable([columns, ...rows]);
}

const print = (value: unknown): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value ?? '-');

const statuses = ['queued', 'running', 'succeeded', 'failed'] as const;

function readStatus(text: string | undefined): (typeof statuses)[number] | undefined {
  if (text === undefined) return undefined;
  const status = statuses.find((known) => known === text);
  if (status !== undefined) return status;
  throw new Fault('bad-usage', `'${text}' is no status of builds`, {
    remedy: `There are ${statuses.join(', ')}.`,
  });
}
