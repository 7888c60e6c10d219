import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeDirectory } from '@iolaus/nix';
import type { Compression, CompressionChoice } from '../compression/compression.ts';
import { Fault } from '../../fault/fault.ts';
import { Parameters } from './parameters.ts';
import { parseS3Place } from './s3-place.ts';
import type { CacheAddress, CacheSettings, StoreAddress } from './store-address.ts';

/**
 * Reads the address of a store: `s3://bucket`, `file:///folder` (or the folder alone) and `http(s)://host/folder`, each
 * with `?name=value&…`, by the names of Hydra's and of Nix's. All keep their case. Other schemes are left to `nix copy`.
 * @throws Fault `bad-configuration`
 */
export function parseStoreAddress(text: string): StoreAddress {
  const [place = '', ...rest] = text.split('?');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(place)?.[1] ?? null;
  if (scheme === null && !isAbsolute(place))
    throw new Fault('bad-configuration', `'${text}' is no address of a store`, {
      remedy:
        'Give s3://bucket, file:///folder, https://host/folder, or one that `nix copy` takes.',
    });
  const parameters = new Parameters(text, rest.join('?'));
  switch (scheme) {
    case 's3':
      return complete(parameters, {
        type: 's3',
        place: parseS3Place(place.slice('s3://'.length), parameters),
      });
    case 'file':
      return complete(parameters, { type: 'folder', path: fileURLToPath(place) });
    case null:
      return complete(parameters, { type: 'folder', path: place });
    case 'http':
    case 'https':
      return complete(parameters, { type: 'http', url: new URL(place.replace(/\/*$/, '/')) });
    default:
      return { type: 'nix', uri: text };
  }
}

/** The same of a cache that is to be read or written by ourselves. */
export function parseCacheAddress(text: string): CacheAddress {
  const address = parseStoreAddress(text);
  if (address.type !== 'nix') return address;
  throw new Fault('bad-configuration', `${text} is no binary cache`, {
    remedy: 'Give s3://bucket, file:///folder or https://host/folder.',
  });
}

type WithoutSettings<Address> = Address extends unknown ? Omit<Address, 'settings'> : never;

function complete(parameters: Parameters, address: WithoutSettings<CacheAddress>): CacheAddress {
  const settings = parseSettings(parameters);
  parameters.finish();
  return { ...address, settings };
}

function parseSettings(parameters: Parameters): CacheSettings {
  const level = parameters.number('compression-level', -1, 22);
  const choose = (fallback: Compression, name: string): CompressionChoice => ({
    compression: parameters.compression(fallback, name),
    // Nix's word for the codec's own.
    level: level === -1 ? null : level,
  });
  const settings = {
    storeDirectory: storeDirectory(parameters.text('store') ?? '/nix/store'),
    nar: choose('xz', 'compression'),
    parallelCompression: parameters.flag(false, 'parallel-compression'),
    narinfo: choose('none', 'narinfo-compression'),
    listing: choose('none', 'ls-compression'),
    log: choose('none', 'log-compression'),
    writesListings: parameters.flag(false, 'write-nar-listing'),
    indexesDebugInfo: parameters.flag(false, 'index-debug-info', 'write-debug-info'),
    keyFiles: keyFiles(parameters),
    wantMassQuery: parameters.flag(true, 'want-mass-query'),
    priority: parameters.number('priority', 0, 1_000_000),
  };
  // What matters to Nix when it reads, and nothing here.
  for (const name of ['trusted', 'path-info-cache-size', 'local-nar-cache']) parameters.text(name);
  return settings;
}

function keyFiles(parameters: Parameters): string[] {
  const several = parameters.text('secret-keys')?.split(',') ?? [];
  return [parameters.text('secret-key') ?? '', ...several]
    .map((file) => file.trim())
    .filter((file) => file !== '');
}
