import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCacheAddress, parseStoreAddress } from './parse-address.ts';

test('the address of a bucket keeps its case, and says all that Hydra and Nix say', () => {
  const address = parseStoreAddress(
    's3://My-Bucket?region=eu-West-1&profile=Farm&endpoint=http://Host:9000&secret-key=/etc/Keys/A.sec' +
      '&secret-keys=/b,/c&compression=zst&compression-level=19&parallel-compression=true&write-nar-listing=1' +
      '&index-debug-info=true&ls-compression=br&log-compression=br&narinfo-compression=xz&buffer-size=16777216' +
      '&presigned-url-expiry=600&store=/gnu/store&want-mass-query=false&priority=10',
  );
  assert.ok(address.type === 's3');
  const { place, settings } = address;
  assert.equal(place.bucket, 'My-Bucket');
  assert.equal(place.region, 'eu-West-1');
  assert.equal(place.profile, 'Farm');
  assert.equal(place.endpoint.href, 'http://host:9000/');
  assert.equal(place.pathStyle, true);
  assert.equal(place.partBytes, 16_777_216);
  assert.equal(place.presignedSeconds, 600);
  assert.deepEqual(settings.keyFiles, ['/etc/Keys/A.sec', '/b', '/c']);
  assert.deepEqual(settings.nar, { compression: 'zstd', level: 19 });
  assert.equal(settings.parallelCompression, true);
  assert.equal(settings.listing.compression, 'br');
  assert.equal(settings.narinfo.compression, 'xz');
  assert.equal(settings.writesListings, true);
  assert.equal(settings.indexesDebugInfo, true);
  assert.equal(settings.storeDirectory, '/gnu/store');
  assert.equal(settings.wantMassQuery, false);
  assert.equal(settings.priority, 10);
});

test('what is not said is as Hydra has it', () => {
  const address = parseStoreAddress('s3://cache');
  assert.ok(address.type === 's3');
  assert.equal(address.place.endpoint.href, 'https://s3.us-east-1.amazonaws.com/');
  assert.equal(address.place.pathStyle, false);
  assert.deepEqual(address.settings.nar, { compression: 'xz', level: null });
  assert.equal(address.settings.writesListings, false);
});

test('an endpoint is a host, as for Nix, or an address, as for Hydra', () => {
  for (const endpoint of ['minio:9000', 'http://minio:9000']) {
    const address = parseStoreAddress(`s3://cache?scheme=http&endpoint=${endpoint}`);
    assert.equal(address.type === 's3' && address.place.endpoint.origin, 'http://minio:9000');
  }
});

test('folders, servers and stores of Nix are told apart', () => {
  assert.equal(parseStoreAddress('/srv/Cache').type, 'folder');
  const folder = parseStoreAddress('file:///srv/My%20Cache?compression=none');
  assert.equal(folder.type === 'folder' && folder.path, '/srv/My Cache');
  const server = parseStoreAddress('https://me:secret@cache.example/a/B?compression=none');
  assert.equal(server.type === 'http' && server.url.pathname, '/a/B/');
  assert.deepEqual(parseStoreAddress('ssh-ng://host?compress=true'), {
    type: 'nix',
    uri: 'ssh-ng://host?compress=true',
  });
});

test('what is mistyped is refused by name, and never left to another program', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['s3://cache?compresion=zstd', /no parameter 'compresion'/],
    ['s3://cache?compression=lzma', /compression=lzma/],
    ['s3://cache?buffer-size=1024', /buffer-size/],
    ['s3://cache?presigned-url-expiry=5', /presigned-url-expiry/],
    ['s3://cache?write-nar-listing=maybe', /neither true nor false/],
    ['s3://cache?scheme=ftp', /scheme=ftp/],
    ['s3://cache?endpoint=http://host/path', /endpoint/],
    ['s3://user@cache', /bucket/],
    ['s3://cache?region', /no parameter/],
    ['s3://cache?profile=%zz', /bad %/],
    ['cache', /no address/],
  ];
  for (const [text, pattern] of wrong) assert.throws(() => parseStoreAddress(text), pattern, text);
  assert.throws(() => parseCacheAddress('ssh://host'), /no binary cache/);
});
