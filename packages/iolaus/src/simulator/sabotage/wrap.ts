import type { FarmEffect } from '../../farm/effect.ts';
import type { FarmEvent, FarmSettings } from '../../farm/event.ts';
import type { Farm } from '../../farm/farm.ts';
import type { Instant } from '../../farm/identity.ts';
import type { Database } from '../../database/connection/connection.ts';
import type { Parameter } from '../../database/connection/statement.ts';
import type { Join } from '../../protocol/join.ts';
import type { AcceptedTunnel, RunnerHandlers } from '../../protocol/server/runner-server.ts';
import type { AttemptReport } from '../../protocol/attempt-report.ts';
import type { RunnerTunnel } from '../../protocol/tunnel.ts';
import type { BuilderMessage } from '../../protocol/tunnel-message.ts';
import type { RunnerDoors } from '../../runner/doors.ts';

/** The doors with other handlers for what builders say. */
export function withHandlers(
  doors: RunnerDoors,
  change: (handlers: RunnerHandlers) => RunnerHandlers,
): RunnerDoors {
  return { ...doors, serve: (handlers) => doors.serve(change(handlers)) };
}

/** The doors with another way to take tunnels. */
export function withTunnels(
  doors: RunnerDoors,
  change: (accepted: AcceptedTunnel, join: Join) => AcceptedTunnel,
): RunnerDoors {
  return withHandlers(doors, (handlers) => ({
    ...handlers,
    openTunnel: async (join, caller) => change(await handlers.openTunnel(join, caller), join),
  }));
}

/** The tunnel with another way to send. */
export function withSend(
  accepted: AcceptedTunnel,
  send: (tunnel: RunnerTunnel, ...sent: Parameters<RunnerTunnel['send']>) => Promise<boolean>,
): AcceptedTunnel {
  return {
    ...accepted,
    converse: (tunnel) =>
      accepted.converse({
        messages: tunnel.messages,
        signal: tunnel.signal,
        close: () => tunnel.close(),
        send: (message) => send(tunnel, message),
      }),
    ended: (end) => accepted.ended(end),
  };
}

/** The doors with something else done with each report, by whichever way it comes. */
export function withReports(
  doors: RunnerDoors,
  change: (report: AttemptReport, take: (report: AttemptReport) => Promise<void>) => Promise<void>,
): RunnerDoors {
  let take: (report: AttemptReport) => Promise<void> = () => Promise.resolve();
  const called = withHandlers(doors, (handlers) => {
    take = (report) => handlers.completeBuild(report, caller);
    return { ...handlers, completeBuild: (report) => change(report, take) };
  });
  return withTunnels(called, (accepted) => ({
    accept: accepted.accept,
    converse: (tunnel) =>
      accepted.converse({
        messages: withoutReports(tunnel, (report) => change(report, take)),
        signal: tunnel.signal,
        close: () => tunnel.close(),
        send: (message) => tunnel.send(message),
      }),
    ended: (end) => accepted.ended(end),
  }));
}

async function* withoutReports(
  tunnel: RunnerTunnel,
  take: (report: AttemptReport) => Promise<void>,
): AsyncGenerator<BuilderMessage> {
  for await (const message of tunnel.messages) {
    if (message.type !== 'complete') {
      yield message;
      continue;
    }
    const { attempt } = message.report;
    take(message.report)
      .then(() => tunnel.send({ type: 'completed', attempt }))
      .catch(() => {});
  }
}

const caller = { address: 'made-up' };

/** The doors with other rows of a statement. */
export function withRows(
  doors: RunnerDoors,
  statement: string,
  change: (rows: readonly object[], parameters: readonly Parameter[]) => readonly object[],
): RunnerDoors {
  const query: Database['query'] = async <Row extends object>(
    text: string,
    parameters: readonly Parameter[] = [],
  ) => {
    const rows = await doors.database.query<Row>(text, parameters);
    if (text !== statement) return rows;
    const kept = new Set(change(rows, parameters));
    return rows.filter((row) => kept.has(row));
  };
  return { ...doors, database: { ...doors.database, query } };
}

// Longer than any history.
const never = 10_000_000;

/** The doors with a farm that misses no builder's pings, which would put right what a fault has done. */
export function withoutSilence(doors: RunnerDoors): RunnerDoors {
  const deaf = (settings: FarmSettings): FarmSettings => ({
    ...settings,
    silentBuilderSeconds: never,
  });
  const changed: RunnerDoors = {
    ...doors,
    createFarm: (settings, ...given) => doors.createFarm(deaf(settings), ...given),
  };
  return withFarm(changed, (farm, event, now) =>
    farm.apply(
      event.type === 'settings-changed' ? { ...event, settings: deaf(event.settings) } : event,
      now,
    ),
  );
}

/** The doors with a farm that hears and says other things. */
export function withFarm(
  doors: RunnerDoors,
  change: (farm: Farm, event: FarmEvent, now: Instant) => readonly FarmEffect[],
): RunnerDoors {
  return {
    ...doors,
    createFarm: (...given) => {
      const farm = doors.createFarm(...given);
      return { ...farm, apply: (event, now) => change(farm, event, now) };
    },
  };
}
