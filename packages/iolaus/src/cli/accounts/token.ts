import { deleteToken, insertCredential, listTokens } from '../../database/rights/credentials.ts';
import type { TokenRow } from '../../database/rights/credentials.ts';
import { findUser } from '../../database/rights/find-user.ts';
import { Fault } from '../../fault/fault.ts';
import { makeSecret } from '../../server/rights/secrets.ts';
import { grantable } from '../../api/contract.ts';
import type { CommandGroup } from '../command-group.ts';
import { onlyPositional, parseCount, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { printTable } from '../terminal/table.ts';
import { openAccounts } from './open-accounts.ts';

/** Tokens by which scripts act for somebody. */
export const tokenCommands: CommandGroup = {
  words: 'iolaus token',
  purpose: 'tokens by which scripts act for somebody, with no more rights than they need',
  entries: [
    { name: 'create', summary: 'make a token, and show it once', load: async () => createCommand },
    { name: 'list', summary: "list a user's tokens", load: async () => listCommand },
    { name: 'revoke', summary: 'make a token worthless', load: async () => revokeCommand },
  ],
};

const databaseHelp = '--db-url URL    the database (also: HYDRA_DATABASE_URL)';

const createCommand: Command = {
  help: `iolaus token create USER --name NAME [--scope RIGHT]... [--days N]: makes a token, and shows it once

  --name NAME     what it is for
  --scope RIGHT   what may be done with it beyond reading; what its user may not do it may not do either.
                  One of: ${grantable.options.join(', ')}
  --days N        how long it is good (default: 90)
  ${databaseHelp}

  iolaus token create alice --name nightly --scope restart-jobs`,
  async run(parameters) {
    const { values, positionals } = parseParameters('token create', parameters, {
      name: { type: 'string' },
      scope: { type: 'string', multiple: true, default: [] },
      days: { type: 'string', default: '90' },
      'db-url': { type: 'string' },
    });
    const user = readUser('token create', positionals);
    if (values.name === undefined) {
      throw new Fault('bad-usage', 'the token has no name', {
        remedy:
          'Say with --name what it is for: it is what one knows it by when it is to be revoked.',
      });
    }
    for (const scope of values.scope) refuseUnknownScope(scope);
    const days = parseCount('--days', values.days, 1);
    await using opened = await openAccounts(values['db-url']);
    if ((await findUser(opened.database, user)) === null) throw unknownUser(user);
    const { shown, hash } = makeSecret('iolaus_token_');
    const createdAt = Math.floor(Date.now() / 1000);
    await insertCredential(opened.database, {
      hash,
      user,
      name: values.name,
      scopes: values.scope,
      createdAt,
      expiresAt: createdAt + days * 86_400,
    });
    console.log(shown);
    return 0;
  },
};

const listCommand: Command = {
  help: `iolaus token list USER [--json]: lists a user's tokens

  --json          for programs
  ${databaseHelp}`,
  async run(parameters) {
    const { values, positionals } = parseParameters('token list', parameters, {
      json: { type: 'boolean', default: false },
      'db-url': { type: 'string' },
    });
    const user = readUser('token list', positionals);
    await using opened = await openAccounts(values['db-url']);
    const tokens = await listTokens(opened.database, user);
    if (values.json) console.log(JSON.stringify(tokens.map(describeToken)));
    else if (tokens.length === 0) console.log(`${user} has no tokens.`);
    else console.log(printTokens(tokens));
    return 0;
  },
};

const revokeCommand: Command = {
  help: `iolaus token revoke USER ID: makes a token worthless

  ${databaseHelp}`,
  async run(parameters) {
    const { values, positionals } = parseParameters('token revoke', parameters, {
      'db-url': { type: 'string' },
    });
    const [user = '', id = ''] = positionals;
    if (positionals.length !== 2) {
      throw new Fault('bad-usage', 'iolaus token revoke takes a user and the id of a token', {
        remedy: '`iolaus token list USER` shows the ids.',
      });
    }
    const number = parseCount('the id', id, 1);
    await using opened = await openAccounts(values['db-url']);
    if (await deleteToken(opened.database, user, number)) return 0;
    throw new Fault('bad-usage', `${user} has no token ${number}`, {
      remedy: '`iolaus token list USER` shows the ids.',
    });
  },
};

const readUser = (command: string, positionals: readonly string[]): string =>
  onlyPositional(command, 'one user', positionals, `\`iolaus ${command} --help\` shows how.`);

const unknownUser = (user: string): Fault =>
  new Fault('bad-usage', `there is no user '${user}'`, {
    remedy: '`iolaus user NAME --role ROLE` makes one.',
  });

function refuseUnknownScope(scope: string): void {
  if (grantable.options.some((right) => right === scope)) return;
  throw new Fault('bad-usage', `'${scope}' is no right`, {
    remedy: `One of: ${grantable.options.join(', ')}.`,
  });
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();

const describeToken = ({ id, name, scopes, createdAt, expiresAt, usedAt }: TokenRow) => ({
  id,
  name,
  scopes,
  createdAt: isoTime(createdAt),
  expiresAt: isoTime(expiresAt),
  usedAt: usedAt === null ? null : isoTime(usedAt),
});

function printTokens(tokens: readonly TokenRow[]): string {
  const rows = tokens
    .map(describeToken)
    .map(({ id, name, scopes, expiresAt, usedAt }) => [
      String(id),
      name,
      scopes.join(',') || 'reading',
      expiresAt.slice(0, 10),
      usedAt?.slice(0, 16) ?? 'never',
    ]);
  return printTable([['ID', 'NAME', 'SCOPES', 'UNTIL', 'LAST USED'], ...rows]);
}
