import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Fault, describeError } from '../../fault/fault.ts';
import type { Machine } from './machine.ts';

const machineSchema = z.strictObject({
  name: z.string().min(1),
  count: z.number().int().positive().max(100_000).default(1),
  systems: z.array(z.string().min(1)).min(1),
  features: z.array(z.string()).default([]),
  mandatoryFeatures: z.array(z.string()).default([]),
  slots: z.number().int().positive().max(10_000),
  speedFactor: z.number().positive().default(1),
  cores: z.number().int().positive().optional(),
});

const machinesRemedy = 'docs/replay.md tells what a machine has.';

/** A list in JSON, or Nix's own `machines` file. What does not fit is a `bad-trace`. */
export async function readMachines(file: string): Promise<Machine[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Fault('no-such-file', `${file} cannot be read: ${describeError(error)}`, {
      remedy: 'Name a file that is there and may be read with --machines.',
      cause: error,
    });
  });
  const machines = text.trimStart().startsWith('[') ? parseJson(file, text) : parseNix(file, text);
  if (machines.length === 0)
    throw new Fault('bad-trace', `${file} names no machine`, {
      remedy: machinesRemedy,
    });
  return machines;
}

function parseJson(file: string, text: string): Machine[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Fault('bad-trace', `${file} is no JSON: ${describeError(error)}`, {
      remedy: machinesRemedy,
      cause: error,
    });
  }
  const parsed = z.array(machineSchema).safeParse(value);
  if (!parsed.success) {
    throw new Fault('bad-trace', `${file}: ${z.prettifyError(parsed.error)}`, {
      remedy: machinesRemedy,
    });
  }
  return parsed.data.map((machine) => ({ ...machine, cores: machine.cores ?? machine.slots }));
}

/** `URI systems key slots speed features mandatory-features`, `-` for nothing. */
function parseNix(file: string, text: string): Machine[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.replace(/#.*/, '').trim().split(/\s+/);
    const [name = '', systems = '-', , slots = '1', speed = '1', features, mandatory] = words;
    if (name === '') return [];
    const machine = { slots: Number(slots), speedFactor: Number(speed) };
    if (list(systems).length === 0 || !(machine.slots > 0) || !(machine.speedFactor > 0)) {
      throw new Fault('bad-trace', `${file}, line ${index + 1}: this is no machine: ${line}`, {
        remedy: 'Give URI, systems, key, jobs, speed and features, as in /etc/nix/machines.',
      });
    }
    return [
      {
        name,
        count: 1,
        systems: list(systems),
        features: list(features),
        mandatoryFeatures: list(mandatory),
        cores: machine.slots,
        ...machine,
      },
    ];
  });
}

const list = (word = '-'): string[] => (word === '-' ? [] : word.split(',').filter(Boolean));
