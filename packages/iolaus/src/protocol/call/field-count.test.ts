import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { BuildResultInfoSchema, OutputInfoSchema } from '../generated/runner/v1/build_pb.ts';
import { JoinMessageSchema } from '../generated/runner/v1/builder_pb.ts';
import { BuildMetricSchema, NixSupportSchema } from '../generated/runner/v1/nix_support_pb.ts';
import { BuilderRequestSchema } from '../generated/runner/v1/tunnel_pb.ts';
import { decode, encode } from './message-codec.ts';

const withMetrics = (count: number): Uint8Array => {
  const metric = create(BuildMetricSchema, { value: 1 });
  const metrics = Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, metric]));
  const nixSupport = create(NixSupportSchema, { metrics });
  const out = create(OutputInfoSchema, { nixSupport });
  return encode(BuildResultInfoSchema, create(BuildResultInfoSchema, { outputInfos: { out } }));
};

test('a message with more fields than anybody needs is refused before it is read, however deep they lie', () => {
  const refused = { status: 'out-of-range', message: 'a BuildResultInfo may have 300000 fields' };
  assert.throws(() => decode(BuildResultInfoSchema, withMetrics(100_000)), refused);
  const words = Array.from({ length: 600_000 }, () => '');
  const value = create(JoinMessageSchema, { supportedFeatures: words });
  const join = create(BuilderRequestSchema, { message: { case: 'join', value } });
  const message = 'a BuilderRequest may have 300000 fields';
  const bytes = encode(BuilderRequestSchema, join);
  assert.throws(() => decode(BuilderRequestSchema, bytes), { status: 'out-of-range', message });
});

test('a message that is as large by one long text, or by what may be, is read', () => {
  const errorMsg = 'x'.repeat(20_000_000);
  const message = create(BuildResultInfoSchema, { errorMsg });
  const bytes = toBinary(BuildResultInfoSchema, message);
  assert.equal(decode(BuildResultInfoSchema, bytes).errorMsg?.length, 20_000_000);
  const { outputInfos } = decode(BuildResultInfoSchema, withMetrics(60_000));
  assert.equal(Object.keys(outputInfos['out']?.nixSupport?.metrics ?? {}).length, 60_000);
});

test('what is no message is refused as such, though it be large', () => {
  const bytes = Buffer.concat([withMetrics(60_000), Buffer.from([0xff])]);
  assert.throws(() => decode(BuildResultInfoSchema, bytes), { status: 'invalid-argument' });
});
