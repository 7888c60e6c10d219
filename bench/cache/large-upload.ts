import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { discard, HttpClient } from '../../packages/iolaus/src/cache/http/http-client.ts';
import { usualRetries } from '../../packages/iolaus/src/cache/http/retries.ts';
import { openObjectStore } from '../../packages/iolaus/src/cache/objects/open-object-store.ts';
import { openCredentials } from '../../packages/iolaus/src/cache/objects/s3/credentials.ts';
import { S3Client } from '../../packages/iolaus/src/cache/objects/s3/s3-client.ts';
import { s3rverEnvironment } from '../../packages/iolaus/src/cache/testing/start-s3rver.ts';
import { startServer } from './start-server.ts';
import type { UploadOrder, UploadResult } from './upload-program.ts';

const paths = 4;
// A program as programs are, 127 MB of it; so many make half a GiB. Copies are too far apart for zstd to notice.
const copies = 4;

export type LargeUploadFigures = {
  readonly uploadRatio: number;
  readonly uploadRssMb: number;
  readonly runnerUploadRatio: number;
  readonly runnerUploadRssMb: number;
};

/** 2 GiB of archives to an S3 server on this machine, and the same through `zstd` and a plain PUT. */
export async function measureLargeUpload(): Promise<LargeUploadFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cache-'));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const names = Array.from({ length: paths }, (_, index) => `${index}`.repeat(32) + '-program');
  for (const name of names) await layOut(join(folder, name));
  await using server = await startServer('s3rver');
  const address = `s3://cache?endpoint=${server.endpoint}&compression=zstd`;
  const plainSeconds = await putPlainly(address, folder, names);
  const builder = await upload({ by: 'builder', address, folder, names });
  await clear(address);
  const runner = await upload({ by: 'runner', address, folder, names });
  return {
    uploadRatio: plainSeconds / builder.seconds,
    uploadRssMb: builder.rssMb,
    runnerUploadRatio: plainSeconds / runner.seconds,
    runnerUploadRssMb: runner.rssMb,
  };
}

/** Each has its name in it: what is the same is stored once. */
async function layOut(path: string): Promise<void> {
  await mkdir(path);
  await writeFile(join(path, 'name'), path);
  for (let copy = 0; copy < copies; copy += 1)
    await copyFile(process.execPath, join(path, `copy-${copy}`));
}

/** One after the other, as a script would. */
async function putPlainly(
  address: string,
  folder: string,
  names: readonly string[],
): Promise<number> {
  const parsed = parseCacheAddress(address);
  if (parsed.type !== 's3') throw new Error('an address of S3 was expected');
  using http = new HttpClient();
  const client = new S3Client({
    place: parsed.place,
    http,
    retries: usualRetries,
    credentials: openCredentials(null, s3rverEnvironment),
  });
  const begun = performance.now();
  for (const name of names) {
    const file = join(folder, `${name}.nar.zst`);
    await promisify(execFile)('sh', [
      '-c',
      `nix-store --dump "${join(folder, name)}" | zstd -q -f -o "${file}"`,
    ]);
    const { size } = await stat(file);
    const url = await client.presign({ method: 'PUT', key: `plain/${name}` });
    const headers = { 'content-length': String(size) };
    const answer = await http.send({ method: 'PUT', url, headers, body: createReadStream(file) });
    discard(answer);
    if (answer.status !== 200) throw new Error(`the plain PUT was answered with ${answer.status}`);
  }
  return (performance.now() - begun) / 1_000;
}

/** So that the next one has as much to send. */
async function clear(address: string): Promise<void> {
  using objects = openObjectStore(parseCacheAddress(address), { environment: s3rverEnvironment });
  for await (const { key } of objects.list('nar/')) await objects.delete(key);
}

/** In a process of its own, whose memory is nobody else's, and in one file, as the builder is shipped. */
async function upload(order: UploadOrder): Promise<UploadResult> {
  const program = join(order.folder, 'upload-program.mjs');
  const input = fileURLToPath(new URL('./upload-program.ts', import.meta.url));
  await build({
    input,
    platform: 'node',
    tsconfig: false,
    logLevel: 'silent',
    output: oneFile(program),
  });
  const child = fork(program, { env: { ...process.env, ...s3rverEnvironment } });
  child.send(order);
  const [result] = await once(child, 'message');
  await once(child, 'exit');
  const { seconds, rssMb } = Object(result);
  return { seconds: Number(seconds), rssMb: Number(rssMb) };
}

const oneFile = (file: string) => ({ file, format: 'esm' as const, codeSplitting: false });
