import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import {
  derivation,
  full,
  recordedInfo,
  recordedKey,
  recordedRealisation,
  recordedTarget,
} from '../recorded-values.ts';
import { only, optional, paths, recordedArchiveInBytes } from './conversation.ts';
import type { Conversations } from './conversation.ts';

export const queryConversations: Conversations = {
  async 'is-valid-path'(connection, { request, response }) {
    assert.equal(await connection.isValidPath(full(request.path)), Number(response) === 1);
  },
  async 'query-path-info'(connection, { request, response }) {
    const path = full(request.path);
    const expected = response === null ? null : recordedInfo(path, only(response));
    assert.deepEqual(await connection.queryPathInfo(path), expected);
  },
  async 'query-valid-paths'(connection, { request, response }) {
    const valid = await connection.queryValidPaths(paths(request.paths));
    assert.deepEqual([...valid], paths(response));
  },
  async 'query-missing'(connection, { request, response }) {
    const missing = await connection.queryMissing(request.targets.map(recordedTarget));
    const { willBuild, willSubstitute, unknown, downloadSize, narSize } = only(response);
    assert.deepEqual(missing, {
      willBuild: paths(willBuild),
      willSubstitute: paths(willSubstitute),
      unknown: paths(unknown),
      downloadSizeInBytes: downloadSize,
      narSizeInBytes: narSize,
    });
  },
  async 'query-referrers'(connection, { request, response }) {
    assert.deepEqual(await connection.queryReferrers(full(request.path)), paths(response));
  },
  async 'query-valid-derivers'(connection, { request, response }) {
    assert.deepEqual(await connection.queryValidDerivers(full(request.path)), paths(response));
  },
  async 'query-path-from-hash-part'(connection, { request, response }) {
    const path = await connection.queryPathFromHashPart(request.hashPart);
    assert.equal(path, optional(response));
  },
  async 'query-derivation-output-map'(connection, { request, response }) {
    const outputs = await connection.queryDerivationOutputMap(derivation(request.path));
    const expected = Object.entries(only(response)).map(([name, path]) => [name, optional(path)]);
    assert.deepEqual([...outputs], expected);
  },
  async 'query-substitutable-paths'(connection, { request, response }) {
    const answer = await connection.querySubstitutablePaths(paths(request.paths));
    assert.deepEqual(answer, paths(response));
  },
  async 'query-substitutable-path-infos'(connection, { request, response }) {
    const asked = Object.keys(request.paths).map((path) => [full(path), null] as const);
    const answer = await connection.querySubstitutablePathInfos(new Map(asked));
    assert.deepEqual(
      answer.map(({ path, narSizeInBytes }) => [path, narSizeInBytes]),
      Object.entries(only(response)).map(([path, info]) => [full(path), Object(info).narSize]),
    );
  },
  async 'query-realisation'(connection, { request, response }) {
    const realisation = await connection.queryRealisation(recordedKey(request.id));
    assert.deepEqual(realisation, recordedRealisation(response));
  },
  async 'nar-from-path'(connection, { request, response }) {
    const nar = connection.narFromPath(full(request.path), recordedArchiveInBytes);
    assert.equal((await buffer(nar)).toString('hex'), only(response).hex);
  },
};
