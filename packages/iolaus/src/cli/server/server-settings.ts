import { z } from 'zod';
import { readSigningKeys } from '../../cache/signing-keys.ts';
import { readConfiguration } from '../../configuration/configuration.ts';
import { locateSecret, readSecretFile } from '../../configuration/secret.ts';
import { Fault } from '../../fault/fault.ts';
import { providersSchema, readProviders } from '../../server/oidc/settings.ts';
import { defaultDataDirectory } from '../../setup/data-folder.ts';
import { databaseOfEnvironment } from '../command-database.ts';
import { parseParameters, parsePort, refusePositionals } from '../command.ts';

export const serverHelp = `iolaus server: the page, and the JSON behind it

  --port N             (default: 3000)
  --or-another-port    if somebody else has that port, any free one
  --host ADDRESS       for whom (default: localhost only)
  --data-dir DIR       where the runner's folder build-logs is (default: $XDG_STATE_HOME/iolaus)
  --runner-url URL     the runner's status, for the machines: http://host:port or unix:///path
  --sign-with FILE     a secret key of Nix's; what is fetched from the server is signed with it (any number)
  --db-url URL         the database (also: HYDRA_DATABASE_URL)
  -c, --config FILE    TOML with the keys host, port, dataDir, runnerUrl, dbUrl and signWith; the command line comes first.
                       Only there (docs/operating.md): runnerTokenFile, for a runner that wants a token before it changes
                       something; baseUri, where people reach the server; tables [oidc.NAME], who else than a password
                       says who somebody is

It changes nothing but what people with a token ask of API v2. Products of builds are read from the store: NIX_STORE_DIR, or
/nix/store. Others can build with what the store has: the server is a binary cache.`;

const serverConfigurationSchema = z.strictObject({
  host: z.string().min(1).default('localhost'),
  port: z.number().int().min(0).max(65_535).default(3_000),
  dataDir: z.string().min(1).optional(),
  dbUrl: z.string().min(1).optional(),
  runnerUrl: z.url().optional(),
  runnerTokenFile: z.string().min(1).optional(),
  signWith: z.array(z.string().min(1)).default([]),
  baseUri: z.url().optional(),
  oidc: providersSchema.default({}),
});

/** What the command line, the file of `--config` and the environment say, in this order; with the secrets that they name. */
export function readServerSettings(parameters: readonly string[]) {
  const { values, positionals } = parseParameters('server', parameters, {
    port: { type: 'string' },
    'or-another-port': { type: 'boolean', default: false },
    host: { type: 'string' },
    'data-dir': { type: 'string' },
    'db-url': { type: 'string' },
    'runner-url': { type: 'string' },
    'sign-with': { type: 'string', multiple: true },
    config: { type: 'string', short: 'c' },
  });
  refusePositionals('server', positionals);
  const configured =
    values.config === undefined
      ? serverConfigurationSchema.parse({})
      : readConfiguration(values.config, serverConfigurationSchema);
  return {
    databaseUrl: databaseUrlOf(values['db-url'], configured.dbUrl),
    host: values.host ?? configured.host,
    port: values.port === undefined ? configured.port : parsePort('--port', values.port),
    orAnotherPort: values['or-another-port'],
    dataDirectory: values['data-dir'] ?? configured.dataDir ?? defaultDataDirectory(process.env),
    runnerUrl: values['runner-url'] ?? configured.runnerUrl,
    runnerToken: readRunnerToken(configured.runnerTokenFile),
    signingKeys: readSigningKeys(values['sign-with'] ?? configured.signWith),
    baseUri: configured.baseUri,
    oidc: readProviders(configured.oidc, process.env),
  };
}

function databaseUrlOf(flag: string | undefined, configured: string | undefined): string {
  const url = flag ?? databaseOfEnvironment(process.env) ?? configured;
  if (url !== undefined) return url;
  throw new Fault('bad-usage', 'iolaus server does not know its database', {
    remedy: 'Name it with --db-url, HYDRA_DATABASE_URL or the key dbUrl.',
  });
}

const readRunnerToken = (file: string | undefined): string | undefined =>
  file === undefined
    ? undefined
    : readSecretFile(
        locateSecret(file, process.env),
        "the runner's token",
        'It is named by runnerTokenFile.',
      );
