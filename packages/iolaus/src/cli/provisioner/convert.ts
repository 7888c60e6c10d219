import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Fault, describeError } from '../../fault/fault.ts';
import { convertConfiguration, oldConfigurationSchema } from '../../provisioner/convert.ts';
import { onlyPositional, parseParameters } from '../command.ts';

/** `iolaus provisioner convert FILE` */
export async function convert(parameters: readonly string[]): Promise<number> {
  const { positionals } = parseParameters('provisioner convert', parameters, {});
  const remedy = 'Name the configuration of hydra-provisioner.';
  const file = onlyPositional('provisioner convert', 'one file', positionals, remedy);
  const parsed = oldConfigurationSchema.safeParse(await readOld(file));
  if (!parsed.success) {
    const wrong = z.prettifyError(parsed.error).replaceAll('\n', ' ');
    throw new Fault(
      'bad-configuration',
      `${file} is no configuration of hydra-provisioner: ${wrong}`,
      {
        remedy: 'It should have systemTypes, by systems and features.',
      },
    );
  }
  process.stdout.write(convertConfiguration(parsed.data));
  return 0;
}

async function readOld(file: string): Promise<unknown> {
  try {
    const text = file.endsWith('.nix') ? await evaluate(file) : await readFile(file, 'utf8');
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('bad-configuration', `${file} cannot be read: ${describeError(cause)}`, {
      remedy:
        'Give a Nix expression (conf.nix), or JSON from nix-instantiate --eval --strict --json.',
      cause,
    });
  }
}

async function evaluate(file: string): Promise<string> {
  const parameters = ['--eval', '--strict', '--json', file];
  return (await promisify(execFile)('nix-instantiate', parameters)).stdout;
}
