import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority } from '../certificates.ts';
import { findFreeAddress } from './free-address.ts';

export const wayNames = ['token over TCP', 'token over a Unix socket', 'certificates'] as const;
export type WayName = (typeof wayNames)[number];

/** How builders reach a runner, and what keeps others out, in the flags of both. */
export type Way = {
  readonly runnerFlags: readonly string[];
  readonly runnerSettings: Readonly<Record<string, unknown>>;
  readonly builderFlags: readonly string[];
};

export async function openWay(name: WayName, folder: string): Promise<Way> {
  const place = join(folder, 'grpc');
  const address = await findFreeAddress();
  if (name === 'certificates') return withCertificates(folder, address);
  return name === 'token over TCP'
    ? withToken(folder, address, `http://${address}`)
    : withToken(folder, place, `unix://${place}`);
}

async function withToken(folder: string, bind: string, endpoint: string): Promise<Way> {
  const token = join(folder, 'token');
  await writeFile(token, 'sesame\n');
  return {
    runnerFlags: ['-g', bind],
    runnerSettings: { tokenPaths: [token] },
    builderFlags: ['-g', endpoint, '--authorization-file', token],
  };
}

async function withCertificates(folder: string, address: string): Promise<Way> {
  const domain = 'runner.example';
  const authority = makeAuthority('the farm');
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const ca = await write('ca', authority.certificate);
  const identity = async (flags: 'server' | 'client', name: string): Promise<string[]> => {
    const { certificate, key } = authority.issue(name);
    const files = [await write(`${flags}.crt`, certificate), await write(`${flags}.key`, key)];
    return [`--${flags}-cert-path`, `--${flags}-key-path`].flatMap((flag, index) => [
      flag,
      files[index] ?? '',
    ]);
  };
  return {
    runnerFlags: [
      '-g',
      address,
      '--client-ca-cert-path',
      ca,
      ...(await identity('server', domain)),
    ],
    runnerSettings: {},
    builderFlags: [
      '-g',
      `https://${address}`,
      '--domain-name',
      domain,
      '--server-root-ca-cert-path',
      ca,
      ...(await identity('client', 'ares')),
    ],
  };
}
