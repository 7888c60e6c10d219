import { CallError } from '../call-error.ts';

/** gRPC puts before each message: one byte "is compressed", four bytes length. */
const headBytes = 5;

/** Smaller messages are gathered without asking. */
const unclaimedBytesMax = 64 * 1024;

/** Asks for room to gather a message in, which is given back by disposing it. Throws where there is none. */
export type Claim = (bytes: number) => Disposable;

/** A message that is larger than it may be, or too much of several at once. */
export class OversizedMessage extends CallError {
  constructor(message: string) {
    super('out-of-range', message);
  }
}

/** A message as it goes over the wire. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, headBytes);
  return frame;
}

/** Cuts what arrives into messages, however the pieces fall. */
export class MessageCutter {
  readonly #limitBytes: number;
  #pieces: Uint8Array[] = [];
  #gatheredBytes = 0;
  /** How much must be there before something can be cut off. */
  #wantedBytes = headBytes;

  readonly #claim: Claim;
  #claimed: Disposable | undefined;

  constructor(limitBytes: number, claim: Claim) {
    this.#limitBytes = limitBytes;
    this.#claim = claim;
  }

  /**
   * The messages that are complete with this piece; they may share memory with it. Throws `CallError`: `out-of-range`
   * for a message above the limit, `unimplemented` for a compressed one.
   */
  push(piece: Uint8Array): readonly Uint8Array[] {
    this.#pieces.push(piece);
    this.#gatheredBytes += piece.length;
    return this.#gatheredBytes < this.#wantedBytes ? [] : this.#cut();
  }

  /** Nothing more will be pushed. */
  release(): void {
    this.#claimed?.[Symbol.dispose]();
    this.#claimed = undefined;
  }

  /** Throws `CallError` if there is the beginning of a message. */
  finish(): void {
    if (this.#gatheredBytes > 0) {
      throw new CallError('internal', 'the stream ends in the middle of a message');
    }
  }

  #cut(): readonly Uint8Array[] {
    const bytes = joined(this.#pieces, this.#gatheredBytes);
    const messages: Uint8Array[] = [];
    let offset = 0;
    this.release();
    this.#wantedBytes = headBytes;
    while (bytes.length - offset >= headBytes) {
      const length = this.#messageBytes(bytes, offset);
      this.#wantedBytes = headBytes + length;
      if (bytes.length - offset < this.#wantedBytes) break;
      messages.push(bytes.subarray(offset + headBytes, offset + this.#wantedBytes));
      offset += this.#wantedBytes;
      this.#wantedBytes = headBytes;
    }
    this.#pieces = offset < bytes.length ? [bytes.subarray(offset)] : [];
    this.#gatheredBytes = bytes.length - offset;
    if (this.#wantedBytes > unclaimedBytesMax) this.#claimed = this.#claim(this.#wantedBytes);
    return messages;
  }

  #messageBytes(bytes: Buffer, offset: number): number {
    if (bytes.readUInt8(offset) !== 0) {
      throw new CallError('unimplemented', 'compressed messages are not supported');
    }
    const length = bytes.readUInt32BE(offset + 1);
    if (length > this.#limitBytes) {
      throw new OversizedMessage(
        `a message of ${length} bytes exceeds the limit of ${this.#limitBytes} bytes`,
      );
    }
    return length;
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Buffer {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) {
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  }
  return Buffer.concat(pieces, length);
}
