import type { Duplex } from 'node:stream';
import type { Protocol } from '../protocol.ts';
import type { WireReader } from './reader.ts';

/** Both directions of a connection, and what was agreed on for it. */
export type Wire = {
  readonly stream: Duplex;
  readonly reader: WireReader;
  readonly protocol: Protocol;
};
