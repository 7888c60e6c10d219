import type { Transaction } from '../../database/connection/connection.ts';
import {
  deleteEmergency,
  deleteHold,
  saveEmergency,
  saveHold,
} from '../../database/standing-orders.ts';
import type { FarmEffect } from '../../farm/effect.ts';

/** A person's doing, and rare: one after the other. */
export async function recordOrders(
  transaction: Transaction,
  effects: readonly FarmEffect[],
): Promise<void> {
  for (const effect of effects) {
    if (effect.type === 'keep-emergency') await saveEmergency(transaction, effect.emergency);
    if (effect.type === 'drop-emergency') await deleteEmergency(transaction, effect.subject);
    if (effect.type === 'keep-hold') await saveHold(transaction, effect.hostname, effect.hold);
    if (effect.type === 'drop-hold') await deleteHold(transaction, effect.hostname);
  }
}
