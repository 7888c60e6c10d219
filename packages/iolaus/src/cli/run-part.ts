import { Fault } from '../fault/fault.ts';
import { isSupervised, tellSupervisor, whenToStop } from './supervised.ts';

/** Runs a part of the farm until it is told to stop: by its supervisor, or by a signal. */
export async function runPart(
  name: string,
  start: () => Promise<AsyncDisposable & { readonly address: string }>,
): Promise<number> {
  const stop = whenToStop();
  try {
    await using part = await start();
    if (isSupervised) tellSupervisor({ type: 'ready', address: part.address });
    else console.error(`iolaus ${name}: ${part.address}`);
    await stop;
  } catch (error) {
    if (error instanceof Fault) {
      const { code, message: sentence, remedy = null } = error;
      tellSupervisor({ type: 'refused', code, sentence, remedy });
    }
    throw error;
  }
  // The channel to the supervisor would keep the process alive.
  if (process.connected) process.disconnect();
  return 0;
}
