import { serveRunner } from '../serve-runner.ts';
import type { ServedRunner } from '../serve-runner.ts';
import { machineAnswers } from './machines.ts';
import { jobsetProjects } from './past.ts';
import { queueAnswers } from './queue.ts';

/** Stands in for the runner of a farm of seven machines that has so many steps to do. */
export const serveBusyRunner = (steps: number): Promise<ServedRunner> =>
  serveRunner({ ...machineAnswers(), ...queueAnswers(steps, jobsetProjects.length) });
