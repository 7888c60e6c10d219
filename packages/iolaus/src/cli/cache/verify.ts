import type { PublicKey } from '@iolaus/nix';
import { verifyNarinfo } from '../../cache/upkeep/verify-narinfo.ts';
import type { Flaw } from '../../cache/upkeep/verify-narinfo.ts';
import { walkNarinfos } from '../../cache/upkeep/walk-narinfos.ts';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openOneCache, readPublicKeys } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';
import { walkBar } from './walk-bar.ts';
import { openWalkFile } from './walk-file.ts';

const help = `iolaus cache verify [--read] [--trusted-public-keys KEYS] [--public-key-file FILE]... [--resume FILE] [--json] CACHE

Looks at every narinfo of a cache: whether it can be read, bears its own name, is signed by a trusted key, and whether its
archive, in its full size, and all that the path refers to are there. Each flaw is told with the narinfo that has it: unreadable,
misnamed, unsigned, archive-missing, archive-of-other-size, archive-untrue, reference-missing. Status 1 if there is any.

  --read                       read every archive, and hold it against its hashes
  --trusted-public-keys KEYS   name:base64, with spaces between; without keys signatures are not looked at
  --public-key-file FILE       a file with such keys; may be repeated
  --resume FILE                remember there how far it came, and go on from there; the file is gone in the end
  --json                       one object with all that is wrong

  iolaus cache verify --read --resume walk.json --public-key-file farm.pub 's3://cache?region=eu-west-1'`;

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
    using cache = await openOneCache('verify', positionals);
    const trusted = await readPublicKeys(values['trusted-public-keys'], values['public-key-file']);
    const walk = nameWalk(cache, trusted, values.read);
    const file = await openWalkFile<Flaw>(walk, values.resume);
    using line = new ProgressLine();
    let { count } = file.start;
    const flaws = [...file.start.findings];
    const look = async (key: string): Promise<void> => {
      const found = await verifyNarinfo(cache, key, { trusted, readsArchives: values.read });
      if (!values.json) for (const { sentence } of found) line.print(`${key}: ${sentence}`);
      flaws.push(...found);
      count += 1;
      line.tell(`${walkBar(key)}  ${count} looked at, ${flaws.length} flaws`);
    };
    await walkNarinfos(cache, look, {
      ...(file.start.after === null ? {} : { after: file.start.after }),
      onBatch: (after) => file.save({ walk, after, count, findings: flaws }),
    });
    await file.finish();
    line[Symbol.dispose]();
    if (values.json) console.log(JSON.stringify({ narinfos: count, flaws }));
    else console.log(`${count} narinfos, ${flaws.length} flaws${countByType(flaws)}.`);
    return flaws.length === 0 ? 0 : 1;
  },
};

/** A walk goes on only as it was begun: what it has behind it was looked at in that way. */
function nameWalk(
  { objects }: Pick<BinaryCache, 'objects'>,
  trusted: readonly PublicKey[],
  reads: boolean,
): string {
  const keys = trusted.map(({ name }) => name).sort();
  return `a verification of ${objects.name}${reads ? ' with --read' : ''}, keys trusted: ${keys.join(' ') || 'none'}`;
}

/** Such as `: 2 unsigned, 1 archive-missing`; nothing where there are none. */
function countByType(flaws: readonly Flaw[]): string {
  const counts = [...Map.groupBy(flaws, ({ type }) => type)];
  return counts
    .map(([type, some], index) => `${index === 0 ? ': ' : ', '}${some.length} ${type}`)
    .join('');
}
