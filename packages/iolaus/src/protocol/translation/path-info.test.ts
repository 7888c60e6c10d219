import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { defaultStoreDirectory, storeDirectory } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import fc from 'fast-check';
import { ValidPathInfoSchema } from '../generated/nix/store/v1/store_pb.ts';
import { pathInfo, sha256, storePath } from '../testing/arbitraries.ts';
import { fromPathInfoMessage, toPathInfoMessage } from './path-info.ts';

const transmit = (info: PathInfo, from = defaultStoreDirectory): PathInfo => {
  // Buffers are what comes from the network; parts of them share their memory.
  const bytes = Buffer.from(toBinary(ValidPathInfoSchema, toPathInfoMessage(from, info)));
  return fromPathInfoMessage(defaultStoreDirectory, fromBinary(ValidPathInfoSchema, bytes));
};

test('a path info arrives as it was sent', () => {
  fc.assert(fc.property(pathInfo, (info) => assert.deepEqual(transmit(info), info)));
});

test('hashes that arrive hold on to nothing but their digits', () => {
  fc.assert(
    fc.property(pathInfo, (info) => {
      const { digest } = transmit(info).narHash;
      assert.equal(digest.buffer.byteLength, digest.length);
    }),
  );
});

test('a path of a store that lies elsewhere is refused', () => {
  fc.assert(
    fc.property(pathInfo, (info) => {
      assert.throws(() => transmit(info, storeDirectory('/other/store')), {
        status: 'invalid-argument',
        message: /of the store \/other\/store, not \/nix\/store/,
      });
    }),
  );
});

test('contents addressed as a Git tree are refused by the sender', () => {
  fc.assert(
    fc.property(pathInfo, sha256, (info, hash) => {
      const contentAddress = { method: 'git', hash } as const;
      assert.throws(
        () => toPathInfoMessage(defaultStoreDirectory, { ...info, contentAddress }),
        /Git tree/,
      );
    }),
  );
});

test('what is missing or wrong is refused by name', () => {
  const [info] = fc.sample(pathInfo, 1);
  const [other] = fc.sample(storePath, 1);
  assert.ok(info !== undefined && other !== undefined);
  const message = toPathInfoMessage(defaultStoreDirectory, info);
  const inner = message.info;
  assert.ok(inner !== undefined);
  const refused = (change: object, pattern: RegExp): void => {
    assert.throws(() => fromPathInfoMessage(defaultStoreDirectory, { ...message, ...change }), {
      status: 'invalid-argument',
      message: pattern,
    });
  };
  refused({ path: undefined }, /^missing path$/);
  refused({ info: undefined }, /^missing info of /);
  refused({ path: { path: `/nix/store/${other}` } }, /^bad path: .* is no store path/);
  refused({ info: { ...inner, narHash: undefined } }, /^missing nar_hash of /);
  refused(
    { info: { ...inner, narHash: { algorithm: 1, digest: Buffer.alloc(64) } } },
    /sha256 is wanted, not sha512/,
  );
  refused(
    { info: { ...inner, narHash: { algorithm: 0, digest: Buffer.alloc(31) } } },
    /32 bytes, not 31/,
  );
  refused(
    { info: { ...inner, narHash: { algorithm: 9, digest: Buffer.alloc(32) } } },
    /^missing algorithm of nar_hash/,
  );
  refused({ info: { ...inner, narSize: 2n ** 60n } }, /is beyond 2\^53$/);
  refused(
    { info: { ...inner, ca: { method: 0, hash: { algorithm: 2, digest: Buffer.alloc(20) } } } },
    /sha256 is wanted, not sha1/,
  );
});
