import type { Clock } from '../../clock/clock.ts';
import type { S3Traffic } from '../../cache/objects/s3/s3-traffic.ts';
import type { Database } from '../../database/connection/connection.ts';
import { readJobsetNames } from '../../database/evaluations/read-jobset-names.ts';
import type { Upload } from '../../database/uploads.ts';
import type { Farm } from '../../farm/farm.ts';
import type { SurveyedBuilder, SystemLoad } from '../../farm/explain/survey.ts';
import type { Attempts } from '../attempts/attempts.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import type { SubstitutionTally } from '../ingest/substitution.ts';
import type { CopyTally } from '../uploads/overflow/copy-back.ts';
import type { Fleet, FleetMember } from './fleet.ts';
import type { Ledger, MachineTally } from './ledger.ts';

/** What can be seen of a runner at work. */
export type Sight = {
  readonly clock: Clock;
  readonly database: Database;
  readonly farm: Pick<Farm, 'view' | 'survey'>;
  readonly attempts: Attempts;
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  readonly configuration: () => RunnerConfiguration;
  readonly substitutes: Readonly<SubstitutionTally>;
  readonly overflowCopies: Readonly<CopyTally>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
};

/** What waits to be published, and the traffic with the stores. */
export type Publishing = {
  /** Uploads that wait for their turn. */
  readonly waiting: () => Promise<readonly Upload[]>;
  /** Of each store in S3, by its bucket. */
  readonly traffic: () => ReadonlyMap<string, S3Traffic>;
};

/** What can be seen of a runner that also publishes. */
export type FullSight = Sight & { readonly publishing: Publishing };

/** All that is known of a machine that has a tunnel open. */
export type MachineFacts = {
  readonly member: FleetMember;
  /** Undefined for the moment until the farm has heard of it. */
  readonly builder: SurveyedBuilder | undefined;
  readonly tally: MachineTally;
  /** Base names of the derivations that it builds. */
  readonly jobs: readonly string[];
};

/** The connected machines by host name, which is what Hydra's pages join them to rows by. */
export function seeMachines(sight: Sight): Map<string, MachineFacts> {
  const builders = new Map<string, SurveyedBuilder>();
  for (const builder of sight.farm.survey.builders()) builders.set(builder.facts.hostname, builder);
  const jobs = Map.groupBy(sight.attempts.values(), ({ hostname }) => hostname);
  const machines = new Map<string, MachineFacts>();
  for (const [hostname, member] of sight.fleet.byHostname()) {
    machines.set(hostname, {
      member,
      builder: builders.get(hostname),
      tally: sight.ledger.machine(hostname),
      jobs: (jobs.get(hostname) ?? []).map(({ derivation }) => derivation),
    });
  }
  return machines;
}

export type SeenJobset = {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly shares: number;
  readonly usedSeconds: number;
};

/** The jobsets that the farm has met, with their names of this moment. */
export async function seeJobsets({ database, farm }: Sight): Promise<SeenJobset[]> {
  const known = new Map([...farm.survey.jobsets()].map((jobset) => [jobset.id, jobset]));
  const names = await readJobsetNames(database, [...known.keys()]);
  return names.map(({ id, project, name }) => {
    const { shares = 0, usedMilliseconds = 0 } = known.get(id) ?? {};
    return { id, project, name, shares, usedSeconds: usedMilliseconds / 1_000 };
  });
}

/** The systems that have a queue: those of connected builders, and those that a step wants. */
export function seeSystems({ farm }: Sight): Map<string, Readonly<SystemLoad>> {
  const none = { runnable: 0, leased: 0, backingOff: 0 };
  const builders = [...farm.survey.builders()].flatMap(({ facts }) => facts.systems);
  return new Map<string, Readonly<SystemLoad>>([
    ...builders.map((system): [string, Readonly<SystemLoad>] => [system, none]),
    ...farm.survey.systems(),
  ]);
}
