import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonConnection, derivationPath, parseDerivation, resolveInputs } from '@iolaus/nix';
import type { BasicDerivation, DerivationPath, StorePath } from '@iolaus/nix';
import type { LocalFarm } from '../../packages/iolaus/src/cli/up/local-farm.ts';

/** So many connections, each taking the next derivation whose inputs are there. Returns the seconds of the builds alone. */
export async function runLoop(
  farm: LocalFarm,
  file: string,
  connectionCount: number,
): Promise<number> {
  const order = buildOrder(farm, instantiate(farm, file));
  const connections = await Promise.all(
    Array.from({ length: connectionCount }, () => DaemonConnection.connect(farm.daemon)),
  );
  const started = performance.now();
  await runInOrder(connections, order);
  const seconds = (performance.now() - started) / 1_000;
  for (const connection of connections) connection.close();
  return seconds;
}

type Item = {
  readonly path: DerivationPath;
  readonly derivation: BasicDerivation;
  readonly inputs: readonly DerivationPath[];
};

async function runInOrder(
  connections: readonly DaemonConnection[],
  order: readonly Item[],
): Promise<void> {
  const built = new Map<DerivationPath, Promise<unknown>>();
  let next = 0;
  const loop = async (connection: DaemonConnection): Promise<void> => {
    for (let item = order[next++]; item !== undefined; item = order[next++]) {
      const { path, derivation, inputs } = item;
      const { promise, resolve } = Promise.withResolvers<void>();
      built.set(path, promise);
      await Promise.all(inputs.flatMap((input) => built.get(input) ?? []));
      await connection.buildDerivation(path, derivation);
      resolve();
    }
  };
  await Promise.all(connections.map(loop));
}

function instantiate(farm: LocalFarm, file: string): string[] {
  const { status, stdout, stderr } = spawnSync('nix-instantiate', [file], {
    env: farm.nixEnvironment,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`nix-instantiate failed:\n${stderr.slice(-2_000)}`);
  return stdout.trim().split('\n');
}

/** The closure of derivations, inputs first. */
function buildOrder(farm: LocalFarm, roots: readonly string[]): Item[] {
  const { storeDirectory } = farm.daemon;
  const items = new Map<DerivationPath, Item>();
  const outputs = new Map<string, StorePath>();
  const visit = (path: DerivationPath): void => {
    if (items.has(path)) return;
    const text = readFileSync(join(storeDirectory, path));
    const derivation = parseDerivation(storeDirectory, path, text);
    const inputs = [...derivation.inputDerivations.keys()];
    inputs.forEach(visit);
    for (const [name, output] of derivation.outputs) {
      if ('path' in output) outputs.set(`${path}!${name}`, output.path);
    }
    const resolved = resolveInputs(derivation, (input, output) => {
      const found = outputs.get(`${input}!${output}`);
      if (found === undefined) throw new Error(`no path for ${input}!${output}`);
      return found;
    });
    items.set(path, { path, derivation: resolved, inputs });
  };
  for (const root of roots) visit(derivationIn(root));
  return [...items.values()];
}

function derivationIn(path: string): DerivationPath {
  return derivationPath(path.slice(path.lastIndexOf('/') + 1));
}
