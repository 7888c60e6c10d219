import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Fault } from '../../fault/fault.ts';

/** What Nix's own configuration says about a machine. */
export type NixSettings = {
  /** What `nix --version` prints. */
  readonly version: string;
  /** The machine's own system first. */
  readonly systems: readonly string[];
  readonly systemFeatures: readonly string[];
  /** As Nix prints them. */
  readonly substituters: readonly string[];
  readonly usesCgroups: boolean;
  /** Where builds happen, if somebody said so. */
  readonly buildDirectory: string | null;
};

const run = promisify(execFile);
const nixCommand = ['--extra-experimental-features', 'nix-command'] as const;
// Some hundred kilobytes in practice: every setting comes with its manual.
const outputBytesMax = 16 * 1024 * 1024;
// A tenth of a second in practice, but machines that build are busy.
const timeoutMilliseconds = 60_000;

const setting = <Value extends z.ZodType>(value: Value) => z.object({ value }).optional();
const settingsSchema = z.object({
  system: z.object({ value: z.string() }),
  'extra-platforms': setting(z.array(z.string())),
  'system-features': setting(z.array(z.string())),
  'experimental-features': setting(z.array(z.union([z.string(), z.number()]))),
  substituters: setting(z.array(z.string())),
  'use-cgroups': setting(z.boolean()),
  'build-dir': setting(z.string().nullable()),
});

/** Asks the `nix` on the PATH. Throws `Fault` 'no-nix' where there is none, or none that answers. */
export async function readNixSettings(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<NixSettings> {
  const nix = async (parameters: readonly string[]): Promise<string> => {
    const { stdout } = await run('nix', parameters, {
      env: environment,
      maxBuffer: outputBytesMax,
      timeout: timeoutMilliseconds,
      signal,
    });
    return stdout;
  };
  try {
    const [version, settings] = await Promise.all([nix(['--version']), showSettings(nix)]);
    return parseSettings(settings, version.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw new Fault('no-nix', '`nix` does not tell its version and settings', {
      remedy: 'Install Nix, and have the program `nix` on the PATH of the builder.',
      cause: error,
    });
  }
}

/** Nix 2.20 and later say `nix config show`; what went before knows `nix show-config` only. */
async function showSettings(
  nix: (parameters: readonly string[]) => Promise<string>,
): Promise<string> {
  try {
    return await nix([...nixCommand, 'config', 'show', '--json']);
  } catch {
    return nix([...nixCommand, 'show-config', '--json']);
  }
}

/** Versions that print numbers: what these stand for since 2.8; before, only the first is the same. */
const numbered = ['ca-derivations', 'impure-derivations'];

/** A machine can build these as soon as they are switched on; Nix itself takes the first and the last for its features. */
const implied = ['ca-derivations', 'impure-derivations', 'dynamic-derivations', 'recursive-nix'];

function impliedFeatures(experimental: readonly (string | number)[], version: string): string[] {
  const minor = Number(/ 2\.(\d+)/.exec(version)?.[1] ?? 0);
  const named = minor >= 8 ? numbered : numbered.slice(0, 1);
  const known = new Set(experimental.map((one) => (typeof one === 'number' ? named[one] : one)));
  return implied.filter((name) => known.has(name));
}

/** Reads the JSON of `nix config show`. */
export function parseSettings(json: string, version: string): NixSettings {
  const settings = settingsSchema.parse(JSON.parse(json));
  return {
    version,
    systems: [settings.system.value, ...(settings['extra-platforms']?.value ?? [])],
    systemFeatures: [
      ...new Set([
        ...(settings['system-features']?.value ?? []),
        ...impliedFeatures(settings['experimental-features']?.value ?? [], version),
      ]),
    ],
    substituters: settings.substituters?.value ?? [],
    usesCgroups: settings['use-cgroups']?.value ?? false,
    buildDirectory: settings['build-dir']?.value ?? null,
  };
}
