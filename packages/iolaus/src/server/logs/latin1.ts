/** Bytes as characters, one each: nothing is decoded, and what ASCII says can be read. */
export const latin1Of = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
