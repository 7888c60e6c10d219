import type { Order } from '../drivers/driver.ts';
import { builderParameters, builderToml } from './builder-settings.ts';

const folder = '/run/iolaus';
const files = { config: `${folder}/builder.toml`, token: `${folder}/token` };

/**
 * User data for an image of NixOS: a script, as its `amazon-init` and `openstack-init` run one, that writes the files
 * and starts the builder as a transient unit. The image has iolaus in its system path.
 */
export function nixosUserData(order: Order): string {
  const { token, afterwards } = order.join;
  const words = [
    'iolaus',
    'builder',
    ...builderParameters(order, files),
    '--state-dir',
    '/var/lib/iolaus-builder',
  ];
  return `#!/usr/bin/env bash
set -euo pipefail
umask 077
mkdir -p ${folder} /var/lib/iolaus-builder
printf %s ${quote(builderToml(order))} > ${files.config}
printf %s ${quote(token ?? '')} > ${files.token}
systemd-run --unit=iolaus-builder --property=Restart=on-failure --property=RestartSec=5 \\
  --property=${quote(`ExecStopPost=/bin/sh -c 'test "$SERVICE_RESULT" != success || ${afterwards}'`)} \\
  ${words.map(quote).join(' ')}
`;
}

/** For a shell: nothing in single quotes means anything but the quote. */
const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
