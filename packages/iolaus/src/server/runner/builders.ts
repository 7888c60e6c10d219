import { z } from 'zod';
import type { Answer } from '../../api/contract.ts';

type Builder = Answer<'listBuilders'>['items'][number];

const stall = z.object({ avg10: z.number() }).nullish();

/** What is taken of a machine in the runner's answer to `GET /status/machines`, which Hydra's runner gives, too. */
const machineSchema = z.object({
  hostname: z.string().optional(),
  systems: z.array(z.string()),
  supportedFeatures: z.array(z.string()).default([]),
  mandatoryFeatures: z.array(z.string()).default([]),
  maxJobs: z.number(),
  cpuCount: z.number().default(0),
  totalMem: z.number().nullish(),
  jobs: z.array(z.string()).default([]),
  hasCapacity: z.boolean().default(false),
  stats: z.object({
    currentJobs: z.number(),
    nrStepsDone: z.number().default(0),
    succeededBuilds: z.number().default(0),
    failedBuilds: z.number().default(0),
    lastFailure: z.number().default(0),
    load1: z.number().default(0),
    memUsage: z.number().default(0),
    storeFreePercent: z.number().default(0),
    buildDirFreePercent: z.number().default(0),
    pressure: z.object({ cpuSome: stall, memFull: stall, ioFull: stall }).nullish(),
  }),
});

/** What our own runner says besides, of those that are away, too (`GET /builders`). */
const standingSchema = z.object({
  hostname: z.string(),
  systems: z.array(z.string()),
  supportedFeatures: z.array(z.string()),
  mandatoryFeatures: z.array(z.string()),
  slots: z.number(),
  closed: z.string().nullable(),
  hold: z.enum(['paused', 'draining']).nullable(),
  faults: z.number(),
  blames: z.number(),
  onTrial: z.boolean(),
  pausedUntil: z.number().nullable(),
  uptimeSeconds: z.number().nullable(),
  secondsLeft: z.number(),
});

const machinesSchema = z.object({ machines: z.record(z.string(), machineSchema) });
const standingsSchema = z.object({ builders: z.array(standingSchema).default([]) });

type Machine = z.output<typeof machineSchema>;
type Standing = z.output<typeof standingSchema>;

/** Builders by name, of the runner's two answers; the second one is null where the runner is Hydra's. */
export function describeBuilders(machines: unknown, standings: unknown): Builder[] {
  const builders = new Map<string, Builder>();
  const told = standings === null ? [] : standingsSchema.parse(standings).builders;
  const standingOf = new Map(told.map((standing) => [standing.hostname, standing]));
  for (const [name, machine] of Object.entries(machinesSchema.parse(machines).machines)) {
    const hostname = machine.hostname ?? name;
    builders.set(hostname, {
      ...describeMachine(hostname, machine),
      ...describeStanding(standingOf.get(hostname)),
    });
  }
  for (const standing of told) {
    if (!builders.has(standing.hostname)) builders.set(standing.hostname, describeAway(standing));
  }
  return [...builders.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

const describeMachine = (name: string, { stats, ...machine }: Machine) => ({
  name,
  systems: machine.systems,
  supportedFeatures: machine.supportedFeatures,
  mandatoryFeatures: machine.mandatoryFeatures,
  slots: machine.maxJobs,
  running: stats.currentJobs,
  derivations: machine.jobs,
  cores: machine.cpuCount,
  load1: stats.load1,
  pressure: {
    cpuPercent: stats.pressure?.cpuSome?.avg10 ?? null,
    memoryPercent: stats.pressure?.memFull?.avg10 ?? null,
    ioPercent: stats.pressure?.ioFull?.avg10 ?? null,
  },
  memoryBytes: machine.totalMem ?? 0,
  memoryUsedBytes: stats.memUsage,
  storeFreePercent: stats.storeFreePercent,
  buildDirectoryFreePercent: stats.buildDirFreePercent,
  stepsDone: stats.nrStepsDone,
  succeeded: stats.succeededBuilds,
  failed: stats.failedBuilds,
  lastFailureAt: stats.lastFailure === 0 ? null : wordTime(stats.lastFailure * 1_000),
  hasCapacity: machine.hasCapacity,
});

const describeStanding = (standing: Standing | undefined) => ({
  closed: standing?.closed ?? null,
  hold: standing?.hold ?? null,
  faults: standing?.faults ?? 0,
  blames: standing?.blames ?? 0,
  onTrial: standing?.onTrial ?? false,
  pausedUntil: wordTimeOrNull(standing?.pausedUntil),
  uptimeSeconds: standing?.uptimeSeconds ?? null,
  secondsLeft: standing?.secondsLeft ?? null,
});

/** Its tunnel is gone: nobody knows more of it than what it said when it joined. */
function describeAway(standing: Standing): Builder {
  const { hostname, slots, ...facts } = standing;
  const { systems, supportedFeatures, mandatoryFeatures } = facts;
  const silent = machineSchema.parse({
    systems,
    supportedFeatures,
    mandatoryFeatures,
    maxJobs: slots,
    stats: { currentJobs: 0 },
  });
  return { ...describeMachine(hostname, silent), ...describeStanding(standing) };
}

const wordTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const wordTimeOrNull = (milliseconds: number | null | undefined): string | null =>
  milliseconds === null || milliseconds === undefined ? null : wordTime(milliseconds);
