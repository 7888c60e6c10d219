import type { Emergency, EmergencySubject } from '../farm/emergencies/emergency-priority.ts';
import type { HostHold } from '../farm/builders/host-hold.ts';
import { buildId, evaluationId } from '../farm/identity.ts';
import type { StandingOrders } from '../farm/standing-orders.ts';
import type { Queryable, Transaction } from './connection/connection.ts';

export const saveEmergencyStatement = `
  insert into iolaus.emergencies (subject, id, preempts) values ($1, $2, $3)
  on conflict (subject, id) do update set preempts = excluded.preempts`;

export async function saveEmergency(
  transaction: Transaction,
  { subject, preempts }: Emergency,
): Promise<void> {
  await transaction.query(saveEmergencyStatement, [subject.type, idOf(subject), preempts]);
}

export const deleteEmergencyStatement = `delete from iolaus.emergencies where subject = $1 and id = $2`;

export async function deleteEmergency(
  transaction: Transaction,
  subject: EmergencySubject,
): Promise<void> {
  await transaction.query(deleteEmergencyStatement, [subject.type, idOf(subject)]);
}

export const saveHoldStatement = `
  insert into iolaus.holds (hostname, hold) values ($1, $2)
  on conflict (hostname) do update set hold = excluded.hold`;

export async function saveHold(
  transaction: Transaction,
  hostname: string,
  hold: HostHold,
): Promise<void> {
  await transaction.query(saveHoldStatement, [hostname, hold]);
}

export const deleteHoldStatement = `delete from iolaus.holds where hostname = $1`;

export async function deleteHold(transaction: Transaction, hostname: string): Promise<void> {
  await transaction.query(deleteHoldStatement, [hostname]);
}

export const readEmergenciesStatement = `select subject, id, preempts from iolaus.emergencies order by subject, id`;
export const readHoldsStatement = `select hostname, hold from iolaus.holds order by hostname`;

/** What people want until they say otherwise. */
export async function readStandingOrders(database: Queryable): Promise<StandingOrders> {
  const emergencies = await database.query<EmergencyRow>(readEmergenciesStatement);
  const holds = await database.query<{ hostname: string; hold: HostHold }>(readHoldsStatement);
  return {
    emergencies: emergencies.map((row) => ({ subject: subjectOf(row), preempts: row.preempts })),
    holds: new Map(holds.map(({ hostname, hold }) => [hostname, hold])),
  };
}

type EmergencyRow = {
  readonly subject: EmergencySubject['type'];
  readonly id: number;
  readonly preempts: boolean;
};

const idOf = (subject: EmergencySubject): number =>
  subject.type === 'build' ? subject.build : subject.evaluation;

const subjectOf = ({ subject, id }: EmergencyRow): EmergencySubject =>
  subject === 'build'
    ? { type: 'build', build: buildId(id) }
    : { type: 'evaluation', evaluation: evaluationId(id) };
