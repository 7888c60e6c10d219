import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PrivateDaemon } from '@iolaus/nix/testing';

/**
 * Has a store forget its outputs of that name, whose files stay: whoever asks it from now on finds that they are not there,
 * as if they had been built in a store of somebody else's.
 */
export function forgetOutputs({ directory }: PrivateDaemon, name: string): void {
  using store = new DatabaseSync(join(directory, 'var/nix/db/db.sqlite'), { timeout: 10_000 });
  const named = "like '%-' || ? || '%' and path not like '%.drv'";
  const ids = `select id from ValidPaths where path ${named}`;
  store.prepare(`delete from Refs where referrer in (${ids})`).run(name);
  store.prepare(`delete from ValidPaths where path ${named}`).run(name);
}
