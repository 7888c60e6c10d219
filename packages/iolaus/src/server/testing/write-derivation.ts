import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { derivationOf, outputOf } from './scene.ts';

/** Puts the derivation of a name into a store, with those of others for its inputs. */
export async function writeDerivation(
  storeDirectory: string,
  name: string,
  inputs: readonly string[],
): Promise<void> {
  const needed = inputs.map((input) => `("${derivationOf(input)}",["out"])`).join(',');
  const output = outputOf(name);
  const text = `Derive([("out","${output}","","")],[${needed}],[],"x86_64-linux","/bin/sh",[],[("out","${output}")])`;
  await writeFile(join(storeDirectory, basename(derivationOf(name))), text);
}
