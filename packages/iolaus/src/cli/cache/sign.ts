import type { BinaryCache } from '../../cache/binary-cache.ts';
import { signAnew } from '../../cache/upkeep/sign-anew.ts';
import { walkNarinfos } from '../../cache/upkeep/walk-narinfos.ts';
import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openOneCache, readPublicKeys } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';
import { walkBar } from './walk-bar.ts';

const help = `iolaus cache sign --trusted-public-keys KEYS [--public-key-file FILE]... [--drop NAME]... [--json] CACHE

Signs every narinfo of a cache with the keys of its address (secret-key, secret-keys), if one of the trusted keys has signed
it; what none of them signed is left alone and counted, with status 1 in the end. Going over a cache twice changes nothing, so that one
that was broken off is called again.

  --trusted-public-keys KEYS   name:base64, with spaces between
  --public-key-file FILE       a file with such keys; may be repeated
  --drop NAME                  remove the signatures of that key; may be repeated
  --json                       the counts as an object

To exchange a key: sign with the new one, let clients trust it, then drop the old one.

  iolaus cache sign --public-key-file old.pub 's3://cache?secret-key=/etc/keys/new'
  iolaus cache sign --public-key-file new.pub --drop old-1 's3://cache?secret-key=/etc/keys/new'`;

export const signCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache sign', parameters, {
      'trusted-public-keys': { type: 'string', default: '' },
      'public-key-file': { type: 'string', multiple: true, default: [] },
      drop: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    });
    using cache = await openOneCache('sign', positionals);
    assertHasKeys(cache);
    const trusted = await readPublicKeys(values['trusted-public-keys'], values['public-key-file']);
    if (trusted.length === 0)
      throw new Fault(
        'bad-usage',
        'iolaus cache sign vouches only for what a trusted key has signed',
        {
          remedy: 'Name the keys of the cache with --trusted-public-keys.',
        },
      );
    const counts = { signed: 0, unchanged: 0, untrusted: 0 };
    using line = new ProgressLine();
    await walkNarinfos(cache, async (key) => {
      counts[await signAnew(cache, key, { trusted, dropped: new Set(values.drop) })] += 1;
      line.tell(`${walkBar(key)}  ${counts.signed} signed`);
    });
    if (values.json) console.log(JSON.stringify(counts));
    else
      console.log(
        `${counts.signed} signed, ${counts.unchanged} unchanged, ${counts.untrusted} not trusted.`,
      );
    return counts.untrusted === 0 ? 0 : 1;
  },
};

/** Without a key of its own nothing would be signed, and what loses its last signature nobody trusts. */
function assertHasKeys({ keys, objects }: Pick<BinaryCache, 'keys' | 'objects'>): void {
  if (keys.length > 0) return;
  throw new Fault('bad-usage', `the address of ${objects.name} names no key to sign with`, {
    remedy: 'Add secret-key=FILE to it.',
  });
}
