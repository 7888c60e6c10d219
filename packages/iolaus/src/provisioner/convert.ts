import { stringify } from 'smol-toml';
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** One machine type of `hydra-provisioner`, with its defaults. */
const machineTypeSchema = z.looseObject({
  nixopsExpr: z.string().optional(),
  minMachines: count.default(0),
  maxMachines: count.default(1),
  ignoredRunnables: count.default(0),
  runnablesPerMachine: z.number().positive().default(10),
  maxJobs: count.default(1),
  speedFactor: z.number().positive().default(1),
  stopOnIdle: z.boolean().default(false),
  gracePeriod: count.default(0),
});

export const oldConfigurationSchema = z.looseObject({
  tag: z.string().default('hydra-provisioned'),
  systemTypes: z.record(z.string(), machineTypeSchema),
});

type OldConfiguration = z.infer<typeof oldConfigurationSchema>;

/**
 * What `hydra-provisioner` was told, in our words. Its machines were made by NixOps, which nobody can translate: the
 * driver is left to be filled in. It paid for hours and let a machine go in the last ten minutes of one.
 */
export function convertConfiguration(old: OldConfiguration): string {
  const head = [
    '# Converted from the configuration of hydra-provisioner.',
    '# To be filled in: the driver that makes the machines, and where the runner is.',
    ...Object.entries(old.systemTypes).flatMap(([type, { nixopsExpr }]) =>
      nixopsExpr === undefined ? [] : [`# ${type} was made by ${nixopsExpr}.`],
    ),
  ];
  const pools = Object.entries(old.systemTypes).map(([type, settings], index) => {
    const [systems = '', features = ''] = type.split(':');
    return {
      name: nameOf(type, index),
      driver: 'cloud',
      systems: withCompanion(systems.split(',').filter(Boolean)),
      // It gave the same words as supported and as mandatory features.
      features: [],
      mandatoryFeatures: features.split(',').filter(Boolean),
      maxJobs: settings.maxJobs,
      speedFactor: settings.speedFactor,
      min: settings.minMachines,
      max: settings.maxMachines,
      ignoredRunnables: settings.ignoredRunnables,
      runnablesPerMachine: settings.runnablesPerMachine,
      whenIdle: settings.stopOnIdle ? 'stop' : 'destroy',
      gracePeriod: `${settings.gracePeriod}s`,
      billingStep: '1h',
      releaseBefore: '10m',
    };
  });
  const document = {
    owner: old.tag,
    drivers: { cloud: { type: 'exec', command: ['./machines'] } },
    pools,
  };
  return `${head.join('\n')}\n\n${stringify(document)}\n`;
}

/** The types were long; a name is short, and there is only one of it. */
const nameOf = (type: string, index: number): string =>
  `${type.replaceAll(/[^a-z0-9]+/gi, '-').replaceAll(/^-|-$/g, '') || 'pool'}${index === 0 ? '' : `-${index + 1}`}`;

/** Machines for x86_64-linux were listed for i686-linux, too. */
function withCompanion(systems: readonly string[]): string[] {
  const has = (system: string): boolean => systems.includes(system);
  return has('x86_64-linux') && !has('i686-linux') ? [...systems, 'i686-linux'] : [...systems];
}
