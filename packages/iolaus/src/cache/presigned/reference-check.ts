import { ReferenceScanner } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import type { ContentCheck } from './content-check.ts';

/**
 * Of what is said to refer to certain paths: their digests are in it, as Nix has looked for them when it was built.
 * @param others may not be in it unless they are said: what it was built with, as far as that is known
 */
export function referenceCheck(
  said: readonly StorePath[],
  others: readonly StorePath[],
): ContentCheck {
  const scanner = new ReferenceScanner([...said, ...others]);
  return {
    update: (chunk) => scanner.push(chunk),
    flaw: () => {
      const { found } = scanner;
      const absent = said.find((path) => !found.has(path));
      if (absent !== undefined) return `it does not refer to ${absent}, as is said of it`;
      const unsaid = others.find((path) => found.has(path) && !said.includes(path));
      return unsaid === undefined ? null : `it refers to ${unsaid}, which is not said of it`;
    },
  };
}
