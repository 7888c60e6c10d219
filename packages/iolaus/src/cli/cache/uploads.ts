import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { readUploads, retryUploads, withoutSecrets } from '../../database/uploads.ts';
import type { UploadState } from '../../database/uploads.ts';
import { openCommandDatabase } from '../command-database.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';

const help = `iolaus cache uploads [--db-url URL] [--given-up] [--retry] [--json]

Shows what the runner has still to publish, and why it could not yet; what it gave up waits for --retry.

  --db-url URL   the database (also: HYDRA_DATABASE_URL)
  --given-up     only what is not tried again by itself
  --retry        give all of that another chance; the runner begins within seconds
  --json         as a list of objects; with --retry, an object with the ids of those`;

export const uploadsCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache uploads', parameters, {
      'db-url': { type: 'string' },
      'given-up': { type: 'boolean', default: false },
      retry: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    refusePositionals('cache uploads', positionals);
    await using opened = await openCommandDatabase(values['db-url']);
    const { database } = opened;
    await prepareOwnSchema(database);
    if (values.retry) {
      const retried = await retryUploads(database);
      if (values.json) console.log(JSON.stringify({ retried }));
      else console.log(`Tried again: ${retried.length}`);
      return 0;
    }
    const uploads = await readUploads(database, values['given-up'] ? 'given-up' : 'all');
    if (values.json) console.log(JSON.stringify(uploads.map(withoutKeys)));
    else if (uploads.length === 0)
      console.log(`Nothing ${values['given-up'] ? 'was given up' : 'waits to be published'}.`);
    else for (const upload of uploads) console.log(describeUpload(upload));
    return 0;
  },
};

function describeUpload({ derivation, store, tries, error, isGivenUp }: UploadState): string {
  const state = isGivenUp ? 'given up' : 'waiting';
  return `${derivation} to ${withoutSecrets(store)}: ${state}, tries: ${tries}${error === null ? '' : `, ${error}`}`;
}

/** Whoever stores it somewhere should not have to think of what an address may hold. */
const withoutKeys = (upload: UploadState): UploadState => ({
  ...upload,
  store: withoutSecrets(upload.store),
});
