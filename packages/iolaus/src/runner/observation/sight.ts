import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { readJobsetNames } from '../../database/evaluations/read-jobset-names.ts';
import type { Farm } from '../../farm/farm.ts';
import type { SurveyedBuilder, SystemLoad } from '../../farm/explain/survey.ts';
import type { Attempts } from '../attempts/attempts.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import type { SubstitutionTally } from '../ingest/substitution.ts';
import type { CopyTally } from '../uploads/overflow/copy-back.ts';
import type { Fleet } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import type { MachineFacts } from '../http/status/machine-status.ts';
import type { Publishing } from '../http/status/store-traffic.ts';

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

/** With how it stands with what it publishes. */
export type WideSight = Sight & { readonly publishing: Publishing };

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
