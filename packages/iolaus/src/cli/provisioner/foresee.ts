import { join } from 'node:path';
import { createLogger } from '../../logging/logger.ts';
import { joinDocumentFor } from '../../provisioner/join-document.ts';
import type { Plan } from '../../provisioner/plan/plan.ts';
import { Provisioner } from '../../provisioner/provisioner.ts';
import { readMemory } from '../../provisioner/state-file.ts';
import type { OpenSettings } from './settings.ts';

/** What the provisioner with this configuration would do now. */
export function foresee(settings: OpenSettings): Promise<Plan> {
  const { stateDirectory, owner } = settings.configuration;
  const logger = createLogger({ program: 'provisioner', level: 'warn' });
  const provisioner = new Provisioner({
    ...settings,
    logger,
    // It asks for no lead: nothing is done.
    holder: 'foresight',
    joinDocument: joinDocumentFor(settings),
    memory: readMemory(join(stateDirectory, `${owner}.json`), logger),
    remember: () => {},
  });
  return provisioner.foresee();
}
