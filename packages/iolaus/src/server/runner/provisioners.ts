import { z } from 'zod';
import { decision, provisioner } from '../../api/contract.ts';
import { RunnerRefused, askRunner } from './ask-runner.ts';

const told = provisioner.extend({
  decisions: z.array(
    decision.extend({ at: z.number().transform((at) => new Date(at).toISOString()) }),
  ),
});
const listSchema = z.object({ provisioners: z.array(told) });

type Told = z.infer<typeof listSchema>;

/** What provisioners have told the runner lately; Hydra's knows of none. Throws where it does not answer. */
export async function askForProvisioners(runnerUrl: string): Promise<Told> {
  try {
    return listSchema.parse(JSON.parse(await askRunner(runnerUrl, '/provisioners')));
  } catch (error) {
    if (error instanceof RunnerRefused && error.status === 404) return { provisioners: [] };
    throw error;
  }
}
