import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { openCommandDatabase } from '../command-database.ts';

/** The database that has the accounts, with room for their tokens. */
export async function openAccounts(
  url: string | undefined,
): ReturnType<typeof openCommandDatabase> {
  await using opening = new AsyncDisposableStack();
  const { database } = opening.use(await openCommandDatabase(url));
  await prepareOwnSchema(database);
  const opened = opening.move();
  return { database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
