import { DaemonConnection, queryClosure } from '@iolaus/nix';
import type { DaemonAddress, DaemonPool, PathInfo, StorePath } from '@iolaus/nix';
import { CallError } from '../../protocol/call-error.ts';
import type { IncomingPaths, OutgoingPaths } from '../../protocol/store-transfer.ts';

/** What builders ask of the runner's store, and what they put into it. */
export type StoreTransfers = {
  requisites(paths: readonly StorePath[]): Promise<readonly StorePath[]>;
  has(path: StorePath): Promise<boolean>;
  send(paths: readonly StorePath[]): Promise<OutgoingPaths>;
  receive(paths: IncomingPaths): Promise<void>;
};

export function openStoreTransfers(pool: DaemonPool, address: DaemonAddress): StoreTransfers {
  const requisites = async (paths: readonly StorePath[]): Promise<readonly StorePath[]> => {
    const closure = await pool.use((connection) => queryClosure(connection, paths));
    return closure.map(({ path }) => path);
  };

  const has = (path: StorePath): Promise<boolean> =>
    pool.use((connection) => connection.isValidPath(path));

  const send = async (paths: readonly StorePath[]): Promise<OutgoingPaths> => {
    const infos = await pool.use((connection) => connection.queryPathInfos(paths));
    const missing = paths.filter((_, index) => (infos[index] ?? null) === null);
    if (missing.length > 0) {
      throw new CallError('not-found', `the runner's store lacks ${missing.join(', ')}`);
    }
    return {
      infos: infos.filter((info) => info !== null),
      // A stream may be slow, so that it gets a connection of its own and holds up nobody.
      nar: (info) => readNar(address, info),
    };
  };

  /** Signatures are not asked for: who may build for us may also hand over what was built. */
  const receive = async (paths: IncomingPaths): Promise<void> => {
    await using connection = await DaemonConnection.connect(address);
    await paths.importEach((info, nar) =>
      connection.addToStoreNar({ ...info, ultimate: false }, nar, { checkSignatures: false }),
    );
  };

  return { requisites, has, send, receive };
}

async function* readNar(address: DaemonAddress, info: PathInfo): AsyncGenerator<Uint8Array> {
  await using connection = await DaemonConnection.connect(address);
  yield* connection.narFromPath(info.path, info.narSize);
}
