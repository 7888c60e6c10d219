import { stringify } from 'smol-toml';
import type { Order } from '../drivers/driver.ts';

/** The builder's configuration file: what its pool says that it is. */
export function builderToml({ pool, offer }: Pick<Order, 'pool' | 'offer'>): string {
  return `${stringify({
    systems: pool.systems,
    supportedFeatures: [...new Set([...pool.features, ...pool.mandatoryFeatures])],
    mandatoryFeatures: pool.mandatoryFeatures,
    maxJobs: offer.slots,
    speedFactor: offer.speed,
  })}\n`;
}

/** The builder's command line. A machine of a provider that takes it back tells its builder where to hear of it. */
export function builderParameters(
  { name, join, interruptionNotice }: Pick<Order, 'name' | 'join' | 'interruptionNotice'>,
  files: { readonly config: string; readonly token: string },
): string[] {
  const { endpoint, token, exitWhenIdle } = join;
  return [
    '--gateway-endpoint',
    endpoint,
    '--hostname',
    name,
    '--config-path',
    files.config,
    ...(token === null ? [] : ['--authorization-file', files.token]),
    ...(exitWhenIdle === null ? [] : ['--exit-when-idle', `${Math.ceil(exitWhenIdle / 1_000)}s`]),
    ...(interruptionNotice === undefined ? [] : ['--interruption-notice', interruptionNotice]),
  ];
}
