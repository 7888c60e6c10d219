import { readConfiguration } from '../../configuration/configuration.ts';
import { builderConfigurationSchema } from '../../builder/configuration.ts';
import { runnerConfigurationSchema } from '../../runner/settings/configuration.ts';
import { defaultDataDirectory } from '../../setup/data-folder.ts';
import { z } from 'zod';

/** Options of every command that starts a whole farm. */
export const placeOptions = {
  'data-dir': { type: 'string' },
  'state-dir': { type: 'string' },
  'db-url': { type: 'string' },
  config: { type: 'string', short: 'c' },
} as const;

export const placeHelp = `  --state-dir DIR         where the farm keeps its data (also --data-dir; default: $XDG_STATE_HOME/iolaus)
  --db-url URL            an existing PostgreSQL instead of the embedded one
  -c, --config FILE       TOML with tables [runner] and [builder], each with the keys of that program`;

/** Settings of a whole farm: the keys of each part in a table of its own. */
const farmConfigurationSchema = z.strictObject({
  runner: whatIsGiven(runnerConfigurationSchema),
  builder: whatIsGiven(builderConfigurationSchema),
});

/** The same keys without their defaults, which are the part's own business and would hide what the command line says. */
function whatIsGiven(schema: z.ZodObject): z.ZodType<Readonly<Record<string, unknown>>> {
  const keys = Object.entries(schema.shape).map(([key, value]) => [
    key,
    z.optional(value instanceof z.ZodDefault ? value.unwrap() : value),
  ]);
  return z.strictObject(Object.fromEntries(keys)).default({});
}

type Values = {
  readonly 'data-dir'?: string | undefined;
  readonly 'state-dir'?: string | undefined;
  readonly 'db-url'?: string | undefined;
  readonly config?: string | undefined;
};

/** Where a farm lives and how it is set up. */
export type FarmPlace = {
  readonly dataDirectory: string;
  readonly databaseUrl: string | null;
  readonly runnerSettings: Readonly<Record<string, unknown>>;
  readonly builderSettings: Readonly<Record<string, unknown>>;
};

export function farmPlace(values: Values): FarmPlace {
  const settings =
    values.config === undefined
      ? { runner: {}, builder: {} }
      : readConfiguration(values.config, farmConfigurationSchema);
  return {
    dataDirectory: values['state-dir'] ?? values['data-dir'] ?? defaultDataDirectory(process.env),
    databaseUrl: values['db-url'] ?? configuredDatabase(settings.runner),
    runnerSettings: settings.runner,
    builderSettings: settings.builder,
  };
}

function configuredDatabase({ dbUrl }: Readonly<Record<string, unknown>>): string | null {
  return typeof dbUrl === 'string' ? dbUrl : null;
}
