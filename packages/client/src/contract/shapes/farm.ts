import { z } from 'zod';
import { time } from '../values.ts';

export const health = z
  .object({
    version: z.string(),
    database: z.literal('ok'),
    runner: z.enum(['ok', 'unreachable', 'unknown']).describe('Unknown: the server has no runner'),
  })
  .meta({ id: 'Health' });

const percent = z.number().nullable().describe('Of the last ten seconds; null: not measured');

export const builder = z
  .object({
    name: z.string(),
    systems: z.array(z.string()),
    supportedFeatures: z.array(z.string()),
    mandatoryFeatures: z.array(z.string()),
    slots: z.int(),
    running: z.int(),
    derivations: z.array(z.string()).describe('What it is at, base names'),
    cores: z.int(),
    load1: z.number(),
    pressure: z
      .object({ cpuPercent: percent, memoryPercent: percent, ioPercent: percent })
      .describe('How much of the time something had to wait'),
    memoryBytes: z.number(),
    memoryUsedBytes: z.number(),
    storeFreePercent: z.number(),
    buildDirectoryFreePercent: z.number(),
    stepsDone: z.int(),
    succeeded: z.int(),
    failed: z.int(),
    lastFailureAt: time.nullable(),
    hasCapacity: z.boolean(),
    closed: z
      .string()
      .nullable()
      .describe('Why it gets no work at all: `away`, `draining`, `store-full`, `paused`, …'),
    hold: z.enum(['paused', 'draining']).nullable().describe('What a person wants of it'),
    faults: z.int().describe('Of its own, one after the other'),
    blames: z.int().describe('Steps that went wrong on it and well elsewhere'),
    onTrial: z.boolean().describe('It has to do one step well before it gets more'),
    pausedUntil: time.nullable().describe('After faults of its own'),
    uptimeSeconds: z.number().nullable().describe('Since it has joined; null: it is away'),
    secondsLeft: z.number().nullable().describe('That it has still to do, in all of its slots'),
  })
  .meta({ id: 'Builder' });

export const emergency = z
  .object({
    subject: z.enum(['build', 'evaluation']),
    id: z.int(),
    preempts: z.boolean().describe('It does not even wait for what is under way'),
  })
  .meta({ id: 'Emergency' });

/** Unfinished builds of a system. */
export const queue = z
  .object({ system: z.string(), queued: z.int(), running: z.int() })
  .meta({ id: 'Queue' });

export const share = z
  .object({
    project: z.string(),
    jobset: z.string(),
    shares: z.int(),
    usedSeconds: z.number().describe('Build time of the last day'),
  })
  .meta({ id: 'Share' });

const machines = (which: string) => z.int().describe(`Machines ${which}`);

const pool = z
  .object({
    pool: z.string(),
    sentence: z.string().describe('What was decided last, and why'),
    wanted: machines('that should be there'),
    existing: machines('that are there or asked for'),
    booting: machines('whose builder has not joined'),
    ready: machines('that build'),
    draining: machines('that will go'),
    costPerHour: z.number(),
    spent: z.number().describe('What the machines have cost so far'),
  })
  .meta({ id: 'Pool' });

export const decision = z
  .object({
    at: time,
    type: z.string().describe('`create`, `destroy`, `start`, `stop`, `drain` or `undrain`'),
    machine: z.string(),
    because: z.string(),
  })
  .meta({ id: 'Decision' });

export const provisioner = z
  .object({
    owner: z.string().describe('What its machines are marked with'),
    currency: z.string(),
    pools: z.array(pool),
    remarks: z.array(z.string()).describe('What else a person should know'),
    decisions: z.array(decision).describe('The latest, newest first'),
  })
  .meta({ id: 'Provisioner' });
