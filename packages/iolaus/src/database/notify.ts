import type { BuildId } from '../farm/identity.ts';
import type { Transaction } from './connection/connection.ts';

/** What we say; who listens: `spec` of Hydra's notification daemon and web pages. Told when the transaction commits. */
export type Channel =
  | 'build_started'
  | 'build_finished'
  | 'step_started'
  | 'step_finished'
  | 'builds_added'
  | 'build_queued'
  | 'cached_build_queued'
  | 'cached_build_finished'
  | 'eval_added';

export type Notification = { readonly channel: Channel; readonly payload: string };

export const notifyStatement = `
  select pg_notify(n.channel, n.payload)
  from unnest($1::text[], $2::text[]) with ordinality as n (channel, payload, position) order by n.position`;

// PostgreSQL takes less than 8000 bytes; Hydra cuts at this.
const payloadBytesMax = 7_000;

/** In this order; all of them in one statement. */
export async function notify(
  transaction: Transaction,
  notifications: readonly Notification[],
): Promise<void> {
  if (notifications.length === 0) return;
  await transaction.query(notifyStatement, [
    notifications.map(({ channel }) => channel),
    notifications.map(({ payload }) => payload),
  ]);
}

/**
 * That a build finished, and others because of it: the first, then the dependents, TAB between them. As many
 * notifications as it takes, each beginning with the first.
 */
export function buildFinished([first, ...dependents]: readonly [
  BuildId,
  ...BuildId[],
]): Notification[] {
  const payloads: string[] = [];
  let payload = String(first);
  for (const dependent of dependents) {
    const longer = `${payload}\t${dependent}`;
    if (longer.length > payloadBytesMax) {
      payloads.push(payload);
      payload = `${first}\t${dependent}`;
    } else {
      payload = longer;
    }
  }
  return [...payloads, payload].map((one) => ({ channel: 'build_finished', payload: one }));
}
