import type { Parameters } from './parameters.ts';
import type { Scene } from './statements.ts';
import { emergencyKey } from './tables.ts';

export function saveEmergency({ transaction, tables }: Scene, given: Parameters): object[] {
  const preempts = given.boolean(2);
  transaction.put(tables.emergencies, { subject: given.text(0), id: given.number(1), preempts });
  return [];
}

export function deleteEmergency({ transaction, tables }: Scene, given: Parameters): object[] {
  const key = emergencyKey({ subject: given.text(0), id: given.number(1) });
  transaction.remove(tables.emergencies, key);
  return [];
}

export function saveHold({ transaction, tables }: Scene, given: Parameters): object[] {
  transaction.put(tables.holds, { hostname: given.text(0), hold: given.text(1) });
  return [];
}

export function deleteHold({ transaction, tables }: Scene, given: Parameters): object[] {
  transaction.remove(tables.holds, given.text(0));
  return [];
}

export const readEmergencies = ({ transaction, tables }: Scene): object[] => [
  ...transaction.rows(tables.emergencies),
];

export const readHolds = ({ transaction, tables }: Scene): object[] => [
  ...transaction.rows(tables.holds),
];
