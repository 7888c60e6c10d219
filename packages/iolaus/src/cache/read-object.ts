import { Fault } from '../fault/fault.ts';
import { decompress } from './compression/decompress.ts';
import { mayPass } from './http/retries.ts';
import type { ObjectStore } from './objects/object-store.ts';

/** What is read at once: narinfos, listings, `nix-cache-info`. A listing of 100,000 files has some 10 MB. */
const wholeBytesMax = 64 * 1024 * 1024;
/** A body that breaks off is asked for again. */
const triesMax = 4;

/** The whole of a small object, its Content-Encoding undone; null for what is not there. @throws Fault */
export async function readObject(objects: ObjectStore, key: string): Promise<Buffer | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readOnce(objects, key);
    } catch (error) {
      if (tries === triesMax || !mayPass(error)) throw error;
    }
  }
}

async function readOnce(objects: ObjectStore, key: string): Promise<Buffer | null> {
  const object = await objects.get(key);
  if (object === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of decompress(object.body, object.contentEncoding ?? 'none')) {
    size += chunk.length;
    if (size > wholeBytesMax)
      throw new Fault(
        'cache-damaged',
        `${key} of ${objects.name} has more than ${wholeBytesMax} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
