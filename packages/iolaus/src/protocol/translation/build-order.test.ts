import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { defaultStoreDirectory, fromBytes, fromUtf8 } from '@iolaus/nix';
import type { BasicDerivation } from '@iolaus/nix';
import fc from 'fast-check';
import type { BuildOrder } from '../build-order.ts';
import { BasicSchema } from '../generated/nix/store/derivation/v1/derivation_pb.ts';
import { BuildMessageSchema } from '../generated/runner/v1/build_pb.ts';
import {
  attemptUuid,
  basicDerivation,
  drvPath,
  natural,
  orNull,
  record,
  storePath,
} from '../testing/arbitraries.ts';
import { fromBuildMessage, toBuildMessage } from './build-order.ts';
import { fromBasicDerivationMessage } from './derivation.ts';
import { toStorePathMessage } from './store-path.ts';

const seconds = fc.nat(2 ** 31 - 1);

const order: fc.Arbitrary<BuildOrder> = record({
  attempt: attemptUuid,
  fence: natural,
  derivationPath: drvPath,
  derivation: basicDerivation,
  maxLogBytes: natural,
  maxSilentSeconds: seconds,
  timeoutSeconds: seconds,
  maxOutputBytes: natural,
  presignedUpload: orNull(record({ debugInfo: fc.boolean() })),
});

const transmit = (sent: BuildOrder): BuildOrder => {
  const bytes = toBinary(BuildMessageSchema, toBuildMessage(sent));
  return fromBuildMessage(defaultStoreDirectory, fromBinary(BuildMessageSchema, bytes));
};

test('a build arrives as it was sent, its derivation with every byte', () => {
  fc.assert(fc.property(order, (sent) => assert.deepEqual(transmit(sent), sent)));
});

test('limits beyond what the message holds become the greatest it holds', () => {
  fc.assert(
    fc.property(order, (sent) => {
      const { timeoutSeconds } = transmit({ ...sent, timeoutSeconds: 2 ** 40 });
      assert.equal(timeoutSeconds, 2 ** 31 - 1);
    }),
  );
});

test('variables that would arrive changed are refused by the sender', () => {
  const notUtf8 = fromBytes(Uint8Array.of(0xff));
  const environments = [
    new Map([[notUtf8, fromUtf8('x')]]),
    new Map([[fromUtf8('__json'), notUtf8]]),
  ];
  fc.assert(
    fc.property(order, fc.constantFrom(...environments), (sent, environment) => {
      const derivation: BasicDerivation = { ...sent.derivation, environment };
      assert.throws(() => toBuildMessage({ ...sent, derivation }), {
        status: 'invalid-argument',
        message: /not UTF-8/,
      });
    }),
  );
});

test('a build without its derivation, or of something that is none, is refused by name', () => {
  fc.assert(
    fc.property(order, storePath, (sent, path) => {
      const message = toBuildMessage(sent);
      const refused = (change: object, text: RegExp): void => {
        assert.throws(() => fromBuildMessage(defaultStoreDirectory, { ...message, ...change }), {
          status: 'invalid-argument',
          message: text,
        });
      };
      refused({ resolvedDrv: undefined }, /^missing resolved_drv$/);
      refused({ drv: undefined }, /^missing drv$/);
      refused({ drv: toStorePathMessage(path) }, /^bad drv: /);
      refused({ buildId: 'seven' }, /^bad build_id: 'seven' is no UUID$/);
    }),
  );
});

test('an output of a kind that nobody knows is refused by name', () => {
  const derivation = create(BasicSchema, { name: 'hello', outputs: { dev: {} } });
  assert.throws(() => fromBasicDerivationMessage(defaultStoreDirectory, derivation), {
    status: 'invalid-argument',
    message: 'missing output dev of hello',
  });
});
