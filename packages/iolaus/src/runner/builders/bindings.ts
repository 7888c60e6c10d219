import { hash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which builder has used the join token of a host: the first one that showed it, and no other ever. */
export type Bindings = {
  /** False: another builder has used it, or it has expired before anybody did. */
  bind(
    hostname: string,
    builder: string,
    options: { readonly isExpired: boolean },
  ): Promise<boolean>;
};

/** A file for each, made only where there is none: that holds for two at once, and for the next runner. */
export function openBindings(folder: string): Bindings {
  return {
    async bind(hostname, builder, { isExpired }) {
      const file = join(folder, digestOf(hostname));
      const bound = await readFile(file, 'utf8').catch(() => null);
      if (bound !== null) return bound === digestOf(builder);
      if (isExpired) return false;
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(file, digestOf(builder), { flag: 'wx', mode: 0o600 });
        return true;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        return (await readFile(file, 'utf8')) === digestOf(builder);
      }
    },
  };
}

/** Where nobody shows join tokens. */
export const noBindings: Bindings = { bind: async () => false };

const digestOf = (text: string): string => hash('sha256', text);
