import { verifyNarinfo } from '../../cache/upkeep/verify-narinfo.ts';
import type { Flaw } from '../../cache/upkeep/verify-narinfo.ts';
import { walkNarinfos } from '../../cache/upkeep/walk-narinfos.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openOneCache, readPublicKeys } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';
import { openWalkFile } from './walk-file.ts';

const help = `iolaus cache verify [--read] [--trusted-public-keys KEYS] [--public-key-file FILE]... [--resume FILE] [--json] CACHE

Looks at every narinfo of a cache: whether it can be read, bears its own name, is signed by a trusted key, and whether its
archive, in its full size, and all that the path refers to are there. Status 1 if anything is wrong.

  --read                       read every archive, and hold it against its hashes
  --trusted-public-keys KEYS   name:base64, with spaces between; without keys signatures are not looked at
  --public-key-file FILE       a file with such keys; may be repeated
  --resume FILE                remember there how far it came, and go on from there; the file is gone in the end
  --json                       one object with all that is wrong`;

export const verifyCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache verify', parameters, {
      'trusted-public-keys': { type: 'string', default: '' },
      'public-key-file': { type: 'string', multiple: true, default: [] },
      read: { type: 'boolean', default: false },
      resume: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    using cache = openOneCache('verify', positionals);
    const trusted = await readPublicKeys(values['trusted-public-keys'], values['public-key-file']);
    const file = await openWalkFile<Flaw>(values.resume);
    using line = new ProgressLine();
    let { count } = file.start;
    const flaws = [...file.start.findings];
    const look = async (key: string): Promise<void> => {
      const found = await verifyNarinfo(cache, key, { trusted, readsArchives: values.read });
      if (!values.json) for (const { sentence } of found) console.log(`${key}: ${sentence}`);
      flaws.push(...found);
      count += 1;
      line.tell(`${count} looked at, ${flaws.length} flaws, now at ${key}`);
    };
    await walkNarinfos(cache, look, {
      ...(file.start.after === null ? {} : { after: file.start.after }),
      onBatch: (after) => file.save({ after, count, findings: flaws }),
    });
    await file.finish();
    if (values.json) console.log(JSON.stringify({ narinfos: count, flaws }));
    else console.log(`${count} narinfos, ${flaws.length} flaws.`);
    return flaws.length === 0 ? 0 : 1;
  },
};
