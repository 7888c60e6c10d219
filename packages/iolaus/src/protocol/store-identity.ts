import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { StoreDirectory } from '@iolaus/nix';

/**
 * Names the physical store behind a directory: two programs that compute the same name see the same files. Null where
 * that cannot be told. Made of the machine's boot and the directory's file system and inode, so that containers and
 * machines with equal paths differ.
 */
export function identifyStore(directory: StoreDirectory): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const { dev, ino } = statSync(directory, { bigint: true });
    return createHash('sha256').update(`${boot} ${dev} ${ino} ${directory}`).digest('hex');
  } catch {
    return null;
  }
}
