import type { Order } from '../drivers/driver.ts';
import { builderParameters, builderToml } from './builder-settings.ts';

const folder = '/etc/iolaus';
const files = { config: `${folder}/builder.toml`, token: `${folder}/token` };

/**
 * User data for an image with cloud-init, Nix and iolaus: writes the builder's files, and runs it until it ends; then
 * the machine does what `afterwards` says. YAML is JSON too, so nothing has to be quoted by hand.
 */
export function cloudInit(order: Order): string {
  const { join } = order;
  const parameters = [...builderParameters(order, files), '--state-dir', '/var/lib/iolaus-builder'];
  const document = {
    write_files: [
      file(files.config, '0644', builderToml(order)),
      ...(join.token === null ? [] : [file(files.token, '0600', `${join.token}\n`)]),
      file('/etc/systemd/system/iolaus-builder.service', '0644', unit(parameters, join.afterwards)),
    ],
    runcmd: [
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'start', '--no-block', 'iolaus-builder.service'],
    ],
  };
  return `#cloud-config\n${JSON.stringify(document, null, 1)}\n`;
}

const file = (path: string, permissions: string, content: string): object => ({
  path,
  permissions,
  content,
  owner: 'root:root',
});

/** It is started again when it fails; what ends well has nothing more to do, and with it the machine. */
function unit(parameters: readonly string[], afterwards: string): string {
  return `[Unit]
Description=Iolaus builder
After=network-online.target nix-daemon.socket
Wants=network-online.target

[Service]
ExecStart=/usr/bin/env iolaus builder ${parameters.map(quote).join(' ')}
ExecStopPost=/bin/sh -c 'test "$SERVICE_RESULT" != success || ${afterwards.replaceAll("'", "'\\\\''")}'
Restart=on-failure
RestartSec=5
TimeoutStopSec=30
`;
}

/** systemd's quoting; a percent sign would be a specifier. */
const quote = (word: string): string =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
