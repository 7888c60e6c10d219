import type { Parameters } from './parameters.ts';
import type { S3Place } from './store-address.ts';

const mebibyte = 2 ** 20;
/** Smaller parts S3 refuses, but for the last. */
const leastPartBytes = 5 * mebibyte;
const mostPartBytes = 5 * 1024 * mebibyte;

/** @param bucket what stands between `s3://` and the question mark */
export function parseS3Place(bucket: string, parameters: Parameters): S3Place {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(bucket))
    throw parameters.fault(`'${bucket}' is no name of a bucket`);
  const region = parameters.text('region') ?? 'us-east-1';
  const scheme = parameters.oneOf('https', 'scheme', ['http', 'https']);
  const endpoint = parameters.text('endpoint');
  const addressing = parameters.oneOf('auto', 'addressing-style', ['auto', 'path', 'virtual']);
  // Nothing is said of a part more often than this; Nix's client has knobs for when and whether.
  for (const name of ['multipart-upload', 'multipart-threshold']) parameters.text(name);
  const own = parameters.number('buffer-size', leastPartBytes, mostPartBytes);
  const nixOwn = parameters.number('multipart-chunk-size', leastPartBytes, mostPartBytes);
  // A certificate for *.s3… covers no further dot.
  const needsPath = endpoint !== null || bucket.includes('.');
  return {
    bucket,
    region,
    endpoint: parseEndpoint(endpoint, scheme, region, parameters),
    pathStyle: addressing === 'auto' ? needsPath : addressing === 'path',
    profile: parameters.text('profile'),
    // Of each upload some are in memory, and more of them hide the way better than larger ones.
    partBytes: own ?? nixOwn ?? leastPartBytes,
    presignedSeconds: parameters.number('presigned-url-expiry', 60, 86_400) ?? 3_600,
    storageClass: parameters.text('storage-class'),
  };
}

/** Hydra's is a whole URL, Nix's a host: both will do. */
function parseEndpoint(
  text: string | null,
  scheme: string,
  region: string,
  parameters: Parameters,
): URL {
  if (text === null) return new URL(`${scheme}://s3.${region}.amazonaws.com`);
  const url = URL.parse(text.includes('://') ? text : `${scheme}://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/')
    throw parameters.fault(`endpoint=${text} is no http or https address of a host`);
  return url;
}
