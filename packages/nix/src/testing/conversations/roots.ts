import assert from 'node:assert/strict';
import { full } from '../recorded-values.ts';
import { only, paths, settle } from './conversation.ts';
import type { Conversations } from './conversation.ts';

export const rootConversations: Conversations = {
  'add-temp-root': (connection, { request }) => connection.addTempRoot(full(request.path)),
  'add-indirect-root': (connection, { request }) => connection.addIndirectRoot(request.link),
  'add-perm-root': (connection, { request }) =>
    connection.addPermRoot(full(request.path), request.link),
  async 'find-roots'(connection, { response }) {
    const recorded: readonly (readonly [string, string])[] = Object.values(Object(response));
    const expected = recorded.map(([link, path]) => ({ link, path: full(path) }));
    assert.deepEqual(await connection.findRoots(), expected);
  },
  'collect-garbage': (connection, exchange) =>
    settle(
      connection.collectGarbage('delete-specific', { paths: paths(exchange.request.paths) }),
      exchange,
      (collected) => {
        const { paths: deleted, bytesFreed } = only(exchange.response);
        assert.deepEqual(collected, { paths: deleted, bytesFreed });
      },
    ),
  'ensure-path': (connection, exchange) =>
    settle(connection.ensurePath(full(exchange.request.path)), exchange),
  'set-options': (connection) =>
    connection.setOptions({
      maxBuildJobs: 2,
      maxSilentSeconds: 600,
      buildCores: 4,
      overrides: new Map([
        ['timeout', '3600'],
        ['max-build-log-size', '67108864'],
      ]),
    }),
};
