import { readFile } from 'node:fs/promises';
import type { LiveFarm } from './live-farm.ts';

/**
 * A set of jobs in Nix's language, in which `make NAME SCRIPT ATTRIBUTES` leaves a mark when it really runs;
 * `floating` are the attributes of outputs that are addressed by what they contain, and `upstream SALT` differ in
 * nothing that they contain.
 */
export function markedJobs({ folder }: Pick<LiveFarm, 'folder'>, set: string): string {
  return `let
    floating = { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
    mark = name: "echo \${name} >> ${folder}/ran; ";
    make = name: script: attributes: run name (mark name + script) attributes;
    upstream = salt: make "upstream" "echo same > $out # \${salt}" floating;
  in ${set}`;
}

/** How often jobs of a name were really built. */
export async function executions(
  { folder }: Pick<LiveFarm, 'folder'>,
  name: string,
): Promise<number> {
  const marks = await readFile(`${folder}/ran`, 'utf8').catch(() => '');
  return marks.split('\n').filter((mark) => mark === name).length;
}
