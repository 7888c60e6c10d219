import { z } from 'zod';
import { driverSchema } from './drivers/settings.ts';
import { duration } from './duration.ts';

const count = z.number().int().nonnegative().max(10_000);
const word = z.string().regex(/^[a-z0-9][a-z0-9-]*$/i, 'letters, digits and hyphens');
const words = z.array(z.string().min(1));
const money = z.number().nonnegative();
const timeOfDay = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'a time of day such as "08:30"');
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** One way to get a machine for a pool: a type and a market, with its price. */
const offerSchema = z.strictObject({
  name: word,
  /** For an hour; absent: nobody knows. */
  price: money.optional(),
  /** As the driver calls it: an instance type, a server type, a profile. */
  type: z.string().min(1).optional(),
  spot: z.boolean().default(false),
  maxJobs: count.min(1).optional(),
  speedFactor: z.number().positive().optional(),
  memoryGiB: z.number().positive().optional(),
});

/** When other limits hold; in UTC. */
const scheduleSchema = z.strictObject({
  days: z.array(z.enum(weekdays)).default([...weekdays]),
  from: timeOfDay.default('00:00'),
  until: timeOfDay.default('24:00'),
  min: count.optional(),
  max: count.optional(),
  warm: count.optional(),
});

const poolSchema = z.strictObject({
  name: word,
  driver: z.string().min(1),
  systems: words.min(1),
  features: words.default([]),
  mandatoryFeatures: words.default([]),
  maxJobs: count.min(1).default(1),
  speedFactor: z.number().positive().default(1),
  min: count.default(0),
  max: count.default(1),
  /** Idle machines that are kept besides the busy ones. */
  warm: count.default(0),
  /** The old rule: so many are left to others, and so many are a machine's share. */
  ignoredRunnables: count.default(0),
  runnablesPerMachine: z.number().positive().default(10),
  /** The better rule: everything that can start is done in this time. */
  finishWithin: duration.optional(),
  /** With it: nothing is started for less work than this. */
  usefulTime: duration.prefault('2m'),
  whenIdle: z.enum(['destroy', 'stop']).default('destroy'),
  /** Fewer are wanted for so long before any goes. */
  gracePeriod: duration.prefault('5m'),
  /** What is begun of this is paid for: a machine goes at its end. */
  billingStep: duration.prefault('1s'),
  /** So long before the end of a paid step a machine that is too many begins to drain. */
  releaseBefore: duration.prefault('10m'),
  bootDeadline: duration.prefault('10m'),
  lostDeadline: duration.prefault('5m'),
  /** Running steps are killed after so long; absent: never. */
  drainTimeout: duration.optional(),
  maxAge: duration.optional(),
  /** Started together at most. */
  createAtOnce: count.min(1).default(100),
  /** With spot offers: so many machines are not spot. */
  onDemandBase: count.default(0),
  offers: z.array(offerSchema).default([]),
  schedule: z.array(scheduleSchema).default([]),
  image: z.string().min(1).optional(),
});

/** The provisioner's configuration file (TOML). */
export const provisionerSchema = z.strictObject({
  /** What our machines are marked with: several provisioners side by side have one each. */
  owner: word.prefault('iolaus'),
  /** Where the runner tells its demand. */
  runner: z.url({ protocol: /^https?$/ }).default('http://[::1]:8080'),
  /** Holds what the runner wants to see for changes, where it is elsewhere. */
  runnerTokenFile: z.string().min(1).optional(),
  tick: duration.prefault('10s'),
  stateDirectory: z.string().min(1).default('/var/lib/iolaus-provisioner'),
  /** Where status and metrics are; absent: nowhere. */
  listen: z.string().min(1).optional(),
  maxMachines: count.default(10_000),
  maxCostPerHour: money.optional(),
  maxCostPerDay: money.optional(),
  currency: z.string().min(1).max(8).default('€'),
  /** Machines with our mark that no pool knows and that never joined. */
  orphans: z.enum(['report', 'remove']).default('report'),
  join: z
    .strictObject({
      /** What new machines dial. */
      endpoint: z.string().min(1),
      /** Signs a token for each machine; the runner has the same file as joinKeyPath. */
      keyFile: z.string().min(1).optional(),
      exitWhenIdle: duration.optional(),
      /** What a machine does when its builder has ended. */
      afterwards: z.string().min(1).default('poweroff'),
    })
    .prefault({ endpoint: 'http://[::1]:50051' }),
  drivers: z.record(word, driverSchema).default({}),
  pools: z.array(poolSchema).default([]),
});

export type ProvisionerConfiguration = z.infer<typeof provisionerSchema>;
export type PoolConfiguration = z.infer<typeof poolSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export { weekdays };
