import type { Duplex } from 'node:stream';
import { features, magic, trust } from '../daemon/handshake.ts';
import { message } from '../daemon/messages.ts';
import {
  encodeVersion,
  negotiateVersion,
  newestVersion,
  since,
  speaks,
} from '../daemon/protocol.ts';
import type { Protocol } from '../daemon/protocol.ts';
import { text } from '../daemon/wire/layout.ts';
import { Malformed } from '../daemon/wire/malformed.ts';
import type { WireReader } from '../daemon/wire/reader.ts';
import { WireWriter } from '../daemon/wire/writer.ts';

/** What a daemon tells of itself. */
export type Introduction = {
  /** Speak no newer protocol than 1.N. The newest by default. */
  readonly newestMinor?: number;
  /** What it can besides, from 1.38 on. */
  readonly features?: readonly string[];
  /** The version of Nix that it says it is. */
  readonly nixVersion?: string;
  /** Whether clients are told that they are trusted; null for nothing of the kind. */
  readonly trusted?: boolean | null;
};

/** @throws Malformed for who is no client; DaemonError (`refused`) for one that is too old */
export async function greetClient(
  stream: Duplex,
  reader: WireReader,
  introduction: Introduction,
): Promise<Protocol> {
  const { newestMinor = newestVersion.minor, nixVersion = '2.24.0', trusted = true } = introduction;
  const writer = () => new WireWriter(reader.directory);
  const ours = { ...newestVersion, minor: newestMinor };
  if ((await reader.read((cursor) => cursor.int())) !== magic.client)
    throw new Malformed('what calls is no client of Nix', 0, 'magic');
  stream.write(writer().int(magic.daemon).int(encodeVersion(ours)).finish());
  const version = negotiateVersion(ours, await reader.read((cursor) => cursor.int()));
  const protocol = await agreeOnFeatures(stream, reader, version, introduction.features ?? []);
  // Two words whose meaning is long gone; the first may bring another.
  if (await reader.read((cursor) => cursor.boolean())) await reader.read((cursor) => cursor.int());
  await reader.read((cursor) => cursor.int());
  const answer = writer();
  if (speaks(protocol, since.daemonVersion)) text.write(answer, nixVersion, protocol);
  if (speaks(protocol, since.trust)) trust.write(answer, trustWord(trusted), protocol);
  message.write(answer, { type: 'last' }, protocol);
  stream.write(answer.finish());
  return protocol;
}

async function agreeOnFeatures(
  stream: Duplex,
  reader: WireReader,
  version: Protocol['version'],
  ours: readonly string[],
): Promise<Protocol> {
  const none = { version, features: new Set<string>() };
  if (!speaks(none, since.features)) return none;
  const theirs = await features.read(reader, none);
  const answer = new WireWriter(reader.directory);
  features.write(answer, ours, none);
  stream.write(answer.finish());
  return { version, features: new Set(ours).intersection(new Set(theirs)) };
}

function trustWord(trusted: boolean | null): 'unknown' | 'trusted' | 'untrusted' {
  if (trusted === null) return 'unknown';
  return trusted ? 'trusted' : 'untrusted';
}
