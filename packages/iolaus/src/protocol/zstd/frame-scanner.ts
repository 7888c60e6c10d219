import { CallError } from '../call-error.ts';

const magicNumber = 0xfd2fb528;
// Frames of arbitrary contents that decoders pass over: sixteen magic numbers, which differ in the last digit.
const skippableMagicNumber = 0x184d2a5;
const dictionaryIdBytes = [0, 1, 2, 4] as const;

/** What stands before contents: how many bytes it has. */
const headBytes = { magic: 4, 'skippable-size': 4, descriptor: 1, block: 3 } as const;

/**
 * Finds where zstd frames end, by their heads and the lengths of their blocks (RFC 8878). Node's decoder does not
 * tell: what follows a frame in the same piece, it drops without a word.
 */
export class FrameScanner {
  #head: keyof typeof headBytes = 'magic';
  #headValue = 0;
  #headGathered = 0;
  /** Contents to pass over before the next head or the end. */
  #contentsBytes = 0;
  #endsAfterContents = false;
  #checksumBytes = 0;

  /** True where a frame has ended and no other has begun. */
  get betweenFrames(): boolean {
    return this.#head === 'magic' && this.#headGathered === 0;
  }

  /**
   * Where in `piece`, which follows the pieces before, the frame ends that is at `offset`; null if it goes on beyond
   * the piece. Throws `CallError('invalid-argument')` for bytes that begin no frame.
   */
  frameEnd(piece: Uint8Array, offset: number): number | null {
    let position = offset;
    for (;;) {
      const passed = Math.min(this.#contentsBytes, piece.length - position);
      this.#contentsBytes -= passed;
      position += passed;
      if (this.#contentsBytes > 0) return null;
      if (this.#endsAfterContents) {
        this.#expect('magic');
        this.#endsAfterContents = false;
        return position;
      }
      const byte = piece[position];
      if (byte === undefined) return null;
      this.#takeHeadByte(byte);
      position++;
    }
  }

  #expect(head: keyof typeof headBytes): void {
    this.#head = head;
    this.#headValue = 0;
    this.#headGathered = 0;
  }

  #takeHeadByte(byte: number): void {
    this.#headValue += byte * 256 ** this.#headGathered;
    this.#headGathered++;
    if (this.#headGathered === headBytes[this.#head]) this.#readHead(this.#headValue);
  }

  #readHead(value: number): void {
    switch (this.#head) {
      case 'magic':
        this.#readMagic(value);
        break;
      case 'skippable-size':
        this.#contentsBytes = value;
        this.#endsAfterContents = true;
        break;
      case 'descriptor':
        this.#readDescriptor(value);
        break;
      case 'block':
        this.#readBlockHead(value);
        break;
    }
  }

  #readMagic(value: number): void {
    if (value === magicNumber) this.#expect('descriptor');
    else if (value >>> 4 === skippableMagicNumber) this.#expect('skippable-size');
    else throw new CallError('invalid-argument', 'the data is not compressed with zstd');
  }

  /** Bits: 7–6 how long the contents' size is, 5 no window is given, 2 checksum at the end, 1–0 dictionary. */
  #readDescriptor(bits: number): void {
    const contentSizeFlag = bits >> 6;
    const windowGiven = (bits & 0b10_0000) === 0;
    const contentSizeBytes = contentSizeFlag === 0 ? Number(!windowGiven) : 1 << contentSizeFlag;
    this.#checksumBytes = (bits & 0b100) === 0 ? 0 : 4;
    this.#contentsBytes =
      Number(windowGiven) + (dictionaryIdBytes[bits & 0b11] ?? 0) + contentSizeBytes;
    this.#expect('block');
  }

  /** Bits: 23–3 size, 2–1 type, 0 last block. A block of type 1 is one byte, to be repeated. */
  #readBlockHead(bits: number): void {
    const type = (bits >> 1) & 0b11;
    if (type === 3) throw new CallError('invalid-argument', 'the compressed data is damaged');
    this.#contentsBytes = type === 1 ? 1 : bits >> 3;
    if ((bits & 1) === 0) this.#expect('block');
    else {
      this.#contentsBytes += this.#checksumBytes;
      this.#endsAfterContents = true;
    }
  }
}
