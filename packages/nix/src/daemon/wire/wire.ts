import type { Duplex } from 'node:stream';
import type { StoreDirectory } from '../../store-path/store-path.ts';
import type { Protocol } from '../protocol.ts';
import type { WireReader } from './reader.ts';

/** Both directions of a connection, and what was agreed on for it. */
export type Wire = {
  readonly stream: Duplex;
  readonly reader: WireReader;
  readonly directory: StoreDirectory;
  readonly protocol: Protocol;
};
