import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { DaemonConnection } from '../../daemon/connection.ts';
import type { ContentAddressMethod } from '../../store-path/content-address.ts';
import { derivationPath, parseBaseName } from '../../store-path/store-path.ts';
import { full, recordedInfo, recordedKey } from '../recorded-values.ts';
import { inChunks, only, paths, settle } from './conversation.ts';
import type { Conversations, Exchange } from './conversation.ts';

/** Of one of the recorded uploads; the others were sent whole. */
const smallFrameInBytes = 64;

export const writingConversations: Conversations = {
  async 'add-to-store'(connection, { request, response }) {
    const references = paths(request.references);
    const path = await connection.addTextToStore(request.name, request.data, references);
    assert.equal(path, full(only(response).path));
  },
  'add-to-store-nar-method': (connection, exchange) => addData(connection, exchange, 'nar'),
  'add-to-store-flat': (connection, exchange) => addData(connection, exchange, 'flat'),
  async 'add-text-to-store'(connection, { request, response }) {
    const path = await connection.addTextToStore(request.name, request.text);
    assert.equal(path, full(String(response)));
  },
  'add-to-store-nar'(connection, exchange) {
    const { request } = exchange;
    const nar = Buffer.from(request.nar.hex, 'hex');
    const small = request.frames?.startsWith(`${smallFrameInBytes}-byte`) === true;
    const chunks = inChunks(nar, small ? smallFrameInBytes : nar.length);
    const info = recordedInfo(full(request.path), request, nar);
    return settle(connection.addToStoreNar(info, chunks), exchange);
  },
  'add-multiple-to-store'(connection, { request }) {
    const added = request.paths.map((recorded) => {
      const fields = Object(recorded);
      const nar = Buffer.from(fields.nar.hex, 'hex');
      return {
        info: recordedInfo(full(fields.path), fields, nar),
        nar: () => inChunks(nar, nar.length),
      };
    });
    return connection.addMultipleToStore(added);
  },
  'add-signatures': (connection, { request }) =>
    connection.addSignatures(full(request.path), request.sigs),
  'add-build-log': (connection, { request }) =>
    connection.addBuildLog(
      derivationPath(parseBaseName(String(request.drv))),
      inChunks(Buffer.from(request.log), request.log.length),
    ),
  'register-drv-output'(connection, { request }) {
    const { drvPath, outputName, id, outPath, signatures } = request;
    const path = parseBaseName(basename(outPath));
    return connection.registerDrvOutput(recordedKey(id ?? [drvPath, outputName]), {
      path,
      signatures,
    });
  },
};

async function addData(
  connection: DaemonConnection,
  { request, response }: Exchange,
  method: ContentAddressMethod,
): Promise<void> {
  const data =
    request.dataHex === undefined ? Buffer.from(request.data) : Buffer.from(request.dataHex, 'hex');
  const how = { method, algorithm: 'sha256' } as const;
  const path = await connection.addToStore(request.name, how, inChunks(data, data.length));
  assert.equal(path, full(only(response).path));
}
