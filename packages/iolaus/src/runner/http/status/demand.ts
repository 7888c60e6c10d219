import type { SurveyedBuilder } from '../../../farm/explain/survey.ts';
import type { FleetMember } from '../../observation/fleet.ts';
import type { MachineTally } from '../../observation/ledger.ts';
import type { Sight } from '../../observation/sight.ts';

/** `GET /demand`: what a provisioner decides by. Times in milliseconds since the epoch, and in seconds on speed 1. */
export function answerDemand({ farm, fleet, clock, startedAt, ledger }: Sight): unknown {
  const members = fleet.byHostname();
  const work = farm.survey.work();
  return {
    now: clock.now(),
    startedAt,
    needs: farm.survey.needs(),
    builders: [...farm.survey.builders()].map((builder) => {
      const { hostname } = builder.facts;
      return {
        ...describeBuilder(builder, members.get(hostname)),
        secondsLeft: work.get(builder.id) ?? 0,
        idleSince: builder.attempts > 0 ? null : idleSince(ledger.machine(hostname)),
      };
    }),
  };
}

/** Null: it has had nothing to do since the runner was started. */
const idleSince = ({ idleSince: seconds }: MachineTally): number | null =>
  seconds === null ? null : seconds * 1_000;

function describeBuilder(
  { facts, closed, attempts }: SurveyedBuilder,
  member: FleetMember | undefined,
): Record<string, unknown> {
  return {
    hostname: facts.hostname,
    systems: facts.systems,
    features: facts.supportedFeatures,
    mandatoryFeatures: facts.mandatoryFeatures,
    slots: facts.slots,
    speedFactor: facts.speedFactor,
    attempts,
    uploads: member?.ping?.pathsUploading ?? 0,
    /** Null: its tunnel is gone, and it may come back. */
    joinedAt: member?.joinedAt ?? null,
    /** Why it gets no work; null: it does. */
    closed,
  };
}
