import { Fault } from '../fault/fault.ts';
import { isSupervised, leaveSupervisor, tellSupervisor, whenToStop } from './supervised.ts';

/** A part at work; `ended` rejects where it cannot go on. */
export type RunningPart = AsyncDisposable & {
  readonly address: string;
  readonly ended?: Promise<void>;
};

/** Runs a part of the farm until it is told to stop: by its supervisor, or by a signal. */
export async function runPart(name: string, start: () => Promise<RunningPart>): Promise<number> {
  const stop = whenToStop();
  try {
    await using part = await start();
    if (isSupervised) await tellSupervisor({ type: 'ready', address: part.address });
    else console.error(`iolaus ${name}: ${part.address}`);
    await Promise.race(part.ended === undefined ? [stop] : [stop, part.ended]);
  } catch (error) {
    if (error instanceof Fault) {
      const { code, message: sentence, remedy = null } = error;
      await tellSupervisor({ type: 'refused', code, sentence, remedy });
    }
    throw error;
  } finally {
    leaveSupervisor();
  }
  return 0;
}
