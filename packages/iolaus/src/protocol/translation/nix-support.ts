import { create } from '@bufbuild/protobuf';
import type { BuildMetric, BuildProduct } from '../../farm/facts.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import { RelativeStorePathSchema } from '../generated/nix/store/v1/store_pb.ts';
import type * as wire from '../generated/runner/v1/nix_support_pb.ts';
import {
  BuildMetricSchema,
  BuildProductSchema,
  NixSupportSchema,
} from '../generated/runner/v1/nix_support_pb.ts';
import { required, toNumber } from './field.ts';
import { fromStorePathMessage, toStorePathMessage } from './store-path.ts';

const sha256Pattern = /^[0-9a-f]{64}$/;

export function toNixSupportMessage(support: NixSupport): wire.NixSupport {
  return create(NixSupportSchema, {
    failed: support.failed,
    ...(support.releaseName === null ? {} : { hydraReleaseName: support.releaseName }),
    products: support.products.map(toProductMessage),
    metrics: Object.fromEntries(support.metrics.map(toMetricEntry)),
  });
}

/** Throws `CallError('invalid-argument')`. */
export function fromNixSupportMessage(message: wire.NixSupport): NixSupport {
  return {
    failed: message.failed,
    releaseName: message.hydraReleaseName ?? null,
    products: message.products.map(fromProductMessage),
    metrics: Object.entries(message.metrics).map(([name, { unit, value }]) => ({
      name,
      value,
      unit: unit ?? null,
    })),
  };
}

function toProductMessage(product: BuildProduct): wire.BuildProduct {
  return create(BuildProductSchema, {
    path: create(RelativeStorePathSchema, {
      storePath: toStorePathMessage(product.storePath),
      subPath: product.subPath,
    }),
    defaultPath: product.defaultPath,
    type: product.type,
    subtype: product.subtype,
    name: product.name,
    isRegular: product.isRegularFile,
    ...(product.sha256 === null ? {} : { sha256hash: product.sha256 }),
    ...(product.fileSize === null ? {} : { fileSize: BigInt(product.fileSize) }),
  });
}

function fromProductMessage(message: wire.BuildProduct): BuildProduct {
  const { storePath, subPath } = required('path of a build product', message.path);
  const { sha256hash, fileSize } = message;
  return {
    type: message.type,
    subtype: message.subtype,
    storePath: fromStorePathMessage('path of a build product', storePath),
    subPath,
    defaultPath: message.defaultPath,
    name: message.name,
    isRegularFile: message.isRegular,
    fileSize: fileSize === undefined ? null : toNumber('size of a build product', fileSize),
    // Hydra's runner takes a hash that it cannot read for absent.
    sha256: sha256hash !== undefined && sha256Pattern.test(sha256hash) ? sha256hash : null,
  };
}

function toMetricEntry({ name, value, unit }: BuildMetric): [string, wire.BuildMetric] {
  return [name, create(BuildMetricSchema, { value, ...(unit === null ? {} : { unit }) })];
}
