import type { Duplex } from 'node:stream';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { encodeVersion, knownFeatures, negotiateVersion, since, speaks } from './protocol.ts';
import type { Protocol, ProtocolVersion } from './protocol.ts';
import { readMessages } from './read-messages.ts';
import { list } from './wire/composite.ts';
import { numbered, text } from './wire/layout.ts';
import type { Layout } from './wire/layout.ts';
import type { WireReader } from './wire/reader.ts';
import { WireWriter } from './wire/writer.ts';

/** The first word of a client, and of a daemon. */
export const magic = { client: 0x6e697863, daemon: 0x6478696f } as const;

/** Whether a daemon trusts its client, as it travels. */
export const trust: Layout<'unknown' | 'trusted' | 'untrusted'> = numbered(
  { unknown: 0, trusted: 1, untrusted: 2 },
  'unknown',
);

export const features: Layout<readonly string[]> = list(text);

/** What the two sides told each other. */
export type Greeting = {
  readonly protocol: Protocol;
  /** Daemons tell it since 2.7. */
  readonly nixVersion: string | null;
  /** Whether the daemon trusts us; null where it does not say (before 2.15). */
  readonly trusted: boolean | null;
};

/**
 * Agrees with the daemon on a protocol.
 * @throws DaemonError (`refused`) if the daemon hangs up or there is no common version
 */
export async function shakeHands(
  stream: Duplex,
  reader: WireReader,
  directory: StoreDirectory,
  ours: ProtocolVersion,
): Promise<Greeting> {
  stream.write(new WireWriter(directory).int(magic.client).int(encodeVersion(ours)).finish());
  const first = await reader.read((cursor) => cursor.int());
  if (first !== magic.daemon) throw new DaemonError('refused', 'What answers is no Nix daemon');
  const version = negotiateVersion(ours, await reader.read((cursor) => cursor.int()));
  stream.write(introduction(version, directory));
  const protocol = { version, features: await commonFeatures(reader, version) };
  const nixVersion = speaks(protocol, since.daemonVersion)
    ? await text.read(reader, protocol)
    : null;
  const trusted = speaks(protocol, since.trust) ? await trust.read(reader, protocol) : 'unknown';
  await readMessages(reader, protocol);
  return { protocol, nixVersion, trusted: trusted === 'unknown' ? null : trusted === 'trusted' };
}

/** Our features, and two words whose meaning is long gone. */
function introduction(version: ProtocolVersion, directory: StoreDirectory): Buffer {
  const writer = new WireWriter(directory);
  const protocol = { version, features: new Set<string>() };
  if (speaks(protocol, since.features)) features.write(writer, knownFeatures, protocol);
  return writer.int(0).int(0).finish();
}

async function commonFeatures(
  reader: WireReader,
  version: ProtocolVersion,
): Promise<ReadonlySet<string>> {
  const none = { version, features: new Set<string>() };
  if (!speaks(none, since.features)) return none.features;
  return new Set(knownFeatures).intersection(new Set(await features.read(reader, none)));
}
