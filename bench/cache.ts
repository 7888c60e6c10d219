import { measureLargeUpload } from './cache/large-upload.ts';
import { measurePresence } from './cache/presence.ts';
import { measureTinyPaths } from './cache/tiny-paths.ts';
import type { BenchReport } from './report.ts';

/** Publishing, beside the programs that do the same. Some three minutes. */
export async function measureCache(): Promise<BenchReport> {
  const figures = {
    ...(await measureLargeUpload()),
    ...(await measureTinyPaths()),
    ...(await measurePresence()),
  };
  return { bench: 'cache', figures, explanation };
}

const explanation = [
  'uploadRatio      2 GiB of archives, zstd, to an S3 server on this machine, beside `zstd` and a plain PUT; at least 0.8',
  'uploadRssMb      the most memory of the process that uploads them, as a builder does; at most 150',
  'runnerUploadRatio, runnerUploadRssMb  the same from the runner and its store',
  'tinyPathsRatio   10,000 tiny paths, signed, to an HTTP server on this machine, beside `nix copy`; at least 3',
  'presenceSeconds  whether a cache 50 ms away has 100,000 paths that nobody asked about before; at most 60',
].join('\n');
