import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { hashPath, parseBaseName } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import {
  openUplink,
  uploadDirectly,
} from '../../packages/iolaus/src/builder/uploads/upload-directly.ts';
import { parseAttemptUuid, parseMachineUuid } from '../../packages/iolaus/src/protocol/identity.ts';
import { keepHeapTight } from '../../packages/iolaus/src/builder/tight-heap.ts';
import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { openBinaryCache } from '../../packages/iolaus/src/cache/binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../packages/iolaus/src/cache/publish/publisher.ts';
import { keepHeapTight as keepRunnerHeapTight } from '../../packages/iolaus/src/runner/tight-heap.ts';
import { openPresigner } from './presigner.ts';

export type UploadOrder = {
  /** As a builder does by addresses that are presigned for it, or as the runner from its store. */
  readonly by: 'builder' | 'runner';
  readonly address: string;
  readonly folder: string;
  readonly names: readonly string[];
};

export type UploadResult = { readonly seconds: number; readonly rssMb: number };

process.once('message', async (order: UploadOrder) => {
  process.send?.(await upload(order));
  process.disconnect();
});

async function upload(order: UploadOrder): Promise<UploadResult> {
  const infos: PathInfo[] = [];
  for (const name of order.names) infos.push(await describe(order.folder, name));
  const begun = performance.now();
  if (order.by === 'builder') await uploadAsBuilder(order, infos);
  else await uploadAsRunner(order, infos);
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, rssMb: await highestRssMb() };
}

/** Who gives it addresses is in this process, too. */
async function uploadAsBuilder(
  { address, folder }: UploadOrder,
  infos: readonly PathInfo[],
): Promise<void> {
  keepHeapTight();
  using presigner = openPresigner(address);
  using uplink = openUplink();
  const attempt = parseAttemptUuid(randomUUID());
  const machine = parseMachineUuid(randomUUID());
  if (attempt === null || machine === null) throw new Error('the system made a UUID that is none');
  await uploadDirectly(infos, {
    attempt,
    machine,
    client: presigner,
    uplink,
    physicalDirectory: folder,
    debugInfo: false,
    signal: new AbortController().signal,
  });
}

async function uploadAsRunner(
  { address, folder }: UploadOrder,
  infos: readonly PathInfo[],
): Promise<void> {
  keepRunnerHeapTight();
  using cache = openBinaryCache(parseCacheAddress(address));
  await new Publisher(cache).publish(infos, fromStoreFolder(folder));
}

/** Of this program alone: what the system counts for a process begins with what its parent had when it forked. */
async function highestRssMb(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1_024;
}

/** What the store of a builder would know of it. */
async function describe(folder: string, name: string): Promise<PathInfo> {
  const { hash, size } = await hashPath(join(folder, name));
  return {
    path: parseBaseName(name),
    deriver: null,
    narHash: hash,
    narSize: size,
    references: [],
    registrationTime: 0,
    ultimate: true,
    signatures: [],
    contentAddress: null,
  };
}
