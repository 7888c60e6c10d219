import type { Duplex } from 'node:stream';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { readMessages } from './messages.ts';
import { encodeVersion, knownFeatures, negotiateVersion, since, speaks } from './protocol.ts';
import type { Protocol, ProtocolVersion } from './protocol.ts';
import type { WireReader } from './wire/reader.ts';
import { WireWriter } from './wire/writer.ts';

const clientMagic = 0x6e697863;
const daemonMagic = 0x6478696f;
const trustWords: readonly (boolean | null)[] = [null, true, false];

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
  stream.write(new WireWriter(directory).int(clientMagic).int(encodeVersion(ours)).finish());
  const magic = await reader.read((cursor) => cursor.int());
  if (magic !== daemonMagic) throw new DaemonError('refused', 'What answers is no Nix daemon');
  const version = negotiateVersion(ours, await reader.read((cursor) => cursor.int()));
  stream.write(introduction(version, directory));
  const protocol = { version, features: await commonFeatures(reader, version) };
  const nixVersion = speaks(protocol, since.daemonVersion)
    ? await reader.read((cursor) => cursor.text())
    : null;
  const trusted = speaks(protocol, since.trust)
    ? (trustWords[await reader.read((cursor) => cursor.int())] ?? null)
    : null;
  await readMessages(reader, protocol);
  return { protocol, nixVersion, trusted };
}

/** Our features, and two words whose meaning is long gone. */
function introduction(version: ProtocolVersion, directory: StoreDirectory): Buffer {
  const writer = new WireWriter(directory);
  if (version.minor >= since.features) writer.texts(knownFeatures);
  return writer.int(0).int(0).finish();
}

async function commonFeatures(
  reader: WireReader,
  version: ProtocolVersion,
): Promise<ReadonlySet<string>> {
  if (version.minor < since.features) return new Set();
  const theirs = await reader.readList((cursor) => cursor.text());
  return new Set(knownFeatures).intersection(new Set(theirs));
}
