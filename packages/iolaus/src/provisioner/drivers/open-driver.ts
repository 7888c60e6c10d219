import type { Driver } from './driver.ts';
import type { DriverSettings } from './settings.ts';

export type DriverContext = { readonly owner: string; readonly now: () => number };

/** Opens a driver; the libraries of a provider are loaded only for its own. */
export async function openDriver(
  settings: DriverSettings,
  context: DriverContext,
): Promise<Driver> {
  if (settings.type === 'local') {
    return (await import('./local.ts')).openLocalDriver(settings, context);
  }
  if (settings.type === 'exec') {
    return (await import('./exec.ts')).openExecDriver(settings, context);
  }
  if (settings.type === 'ec2') return (await import('./ec2.ts')).openEc2Driver(settings, context);
  if (settings.type === 'hetzner') {
    return (await import('./hetzner.ts')).openHetznerDriver(settings, context);
  }
  return (await import('./kubernetes.ts')).openKubernetesDriver(settings, context);
}
