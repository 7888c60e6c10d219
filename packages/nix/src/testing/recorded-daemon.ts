import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readJsonFixture } from './fixture.ts';

/** One exchange with a daemon, as in `fixtures/protocol`. */
export type Recording<Request = unknown, Response = unknown> = {
  readonly name: string;
  readonly request: Request;
  readonly response?: Response;
  readonly error?: { readonly msg: string };
  readonly log?: readonly string[];
  readonly phases?: readonly string[];
  readonly c2s: string;
  readonly s2c: string;
  readonly flow?: readonly (readonly ['client' | 'server', number])[];
};

/** The exchanges recorded with a version of Nix. */
export function readRecordings<Request, Response>(
  version: string,
): readonly Recording<Request, Response>[] {
  return readJsonFixture(`protocol/${version}.json`);
}

/**
 * Plays the daemon's part over `stream`, in pieces of at most `pieceInBytes`, and hangs up. Rejects,
 * and hangs up, as soon as the client sends another byte than was recorded.
 */
export async function playDaemon(
  stream: Duplex,
  recordings: readonly Recording[],
  pieceInBytes = Infinity,
): Promise<void> {
  const incoming = new Incoming(stream);
  try {
    for (const recording of recordings)
      await playExchange(stream, incoming, recording, pieceInBytes);
  } finally {
    stream.end();
  }
}

/** Plays one exchange, and leaves the stream open. */
export async function playExchange(
  stream: Duplex,
  incoming: Incoming,
  recording: Recording,
  pieceInBytes = Infinity,
): Promise<void> {
  const expected = Buffer.from(recording.c2s, 'hex');
  const answer = Buffer.from(recording.s2c, 'hex');
  const turns = recording.flow ?? [
    ['client', expected.length],
    ['server', answer.length],
  ];
  let received = 0;
  let sent = 0;
  for (const [who, length] of turns) {
    if (who === 'client') {
      const bytes = await incoming.take(length);
      const wanted = expected.subarray(received, received + length);
      assert.equal(bytes.toString('hex'), wanted.toString('hex'), recording.name);
      received += length;
    } else {
      await sendInPieces(stream, answer.subarray(sent, sent + length), pieceInBytes);
      sent += length;
    }
  }
}

async function sendInPieces(stream: Duplex, bytes: Buffer, pieceInBytes: number): Promise<void> {
  if (bytes.length <= pieceInBytes) {
    stream.write(bytes);
    return;
  }
  for (let start = 0; start < bytes.length; start += pieceInBytes) {
    stream.write(bytes.subarray(start, start + pieceInBytes));
    await nextTurn();
  }
}

/** What a client sends. */
export class Incoming {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(stream: Duplex) {
    this.#chunks = stream.iterator({ destroyOnReturn: false });
  }

  /** Exactly so many bytes; fails if the client hangs up before. */
  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next();
      if (next.done === true)
        throw new Error(`The client hung up after ${this.#rest.length} of ${length} bytes`);
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}
