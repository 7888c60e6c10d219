import { text } from 'node:stream/consumers';
import { findUser } from '../../database/rights/find-user.ts';
import { replaceRoles, saveUser } from '../../database/rights/save-user.ts';
import { Fault } from '../../fault/fault.ts';
import { hashPassword } from '../../server/rights/password.ts';
import { grantable } from '../../api/contract.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openCommandDatabase } from '../command-database.ts';

const roles = grantable.options;

const help = `iolaus user NAME [--role ROLE]... [--no-roles] [--email ADDRESS] [--password-stdin]: makes an account, or changes it

  --role ROLE        what the account may do, instead of what it might before. One of:
                     ${roles.join(', ')}
  --no-roles         nothing beyond reading
  --email ADDRESS    where it gets its mail
  --password-stdin   read its password from standard input
  --db-url URL       the database (also: HYDRA_DATABASE_URL)

What is not said stays as it is. The account is one of Hydra's, and known to its pages too. Without a password nobody can
log in with it, but tokens can act for it.

  iolaus user alice --role restart-jobs --email alice@example.org`;

export const userCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('user', parameters, {
    role: { type: 'string', multiple: true, default: [] },
    'no-roles': { type: 'boolean', default: false },
    email: { type: 'string' },
    'password-stdin': { type: 'boolean', default: false },
    'db-url': { type: 'string' },
  });
  const name = readName(positionals);
  for (const role of values.role) refuseUnknownRole(role);
  const password = values['password-stdin'] ? await hashPassword(await readPassword()) : undefined;
  await using opened = await openCommandDatabase(values['db-url']);
  const isNew = (await findUser(opened.database, name)) === null;
  await opened.database.transaction(async (transaction) => {
    await saveUser(transaction, { name, email: values.email, password });
    if (values['no-roles'] || values.role.length > 0) {
      await replaceRoles(transaction, name, values.role);
    }
  });
  const saved = await findUser(opened.database, name);
  const may = saved?.roles.join(', ') || 'nothing beyond reading';
  console.log(`${isNew ? 'Made' : 'Changed'} ${name}, who may do: ${may}.`);
  return 0;
}

function readName([name, ...more]: readonly string[]): string {
  // As Hydra has it.
  if (name !== undefined && more.length === 0 && /^[a-z][a-z0-9_.]*$/.test(name)) return name;
  throw new Fault('bad-usage', 'iolaus user takes one name, of small letters, digits, _ and .', {
    remedy: '`iolaus user --help` shows how.',
  });
}

function refuseUnknownRole(role: string): void {
  if (roles.some((known) => known === role)) return;
  throw new Fault('bad-usage', `'${role}' is no role`, { remedy: `One of: ${roles.join(', ')}.` });
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw new Fault('bad-usage', 'the password is empty', {
    remedy: 'Give it on standard input, followed by the end of the input.',
  });
}
