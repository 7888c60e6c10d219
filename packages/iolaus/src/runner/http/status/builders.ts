import type { Sight } from '../../observation/sight.ts';

/** `GET /builders`: what Hydra's `/status/machines` has no place for. Those that are away for a while are there, too. */
export function answerBuilders({ farm, fleet, clock }: Sight): unknown {
  const work = farm.survey.work();
  const members = fleet.byHostname();
  const { holds } = farm.survey.orders();
  const builders = [...farm.survey.builders()].map((builder) => {
    const { hostname, systems, supportedFeatures, mandatoryFeatures, slots } = builder.facts;
    const { closed, faults, blames, onTrial, pausedUntil } = builder;
    const joinedAt = members.get(hostname)?.joinedAt;
    return {
      hostname,
      systems,
      supportedFeatures,
      mandatoryFeatures,
      slots,
      closed,
      hold: holds.get(hostname) ?? null,
      faults,
      blames,
      onTrial,
      pausedUntil,
      uptimeSeconds: joinedAt === undefined ? null : (clock.now() - joinedAt) / 1_000,
      secondsLeft: work.get(builder.id) ?? 0,
    };
  });
  return { builders };
}
