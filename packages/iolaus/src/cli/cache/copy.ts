import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../cache/binary-cache.ts';
import { Publisher } from '../../cache/publish/publisher.ts';
import { fromCache } from '../../cache/upkeep/from-cache.ts';
import { readClosure, toPathInfo } from '../../cache/upkeep/read-closure.ts';
import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openExisting, readPaths } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';

const help = `iolaus cache copy [--json] FROM TO PATH...

Copies store paths, with all that they refer to, from one cache to another, in the compression of the other and signed by
its keys besides; what is there already is left alone. Everything is hashed on its way. Called again it goes on.

  --json   how much was copied, as an object

  iolaus cache copy 's3://cache?region=eu-west-1' '/srv/cache?compression=zstd&secret-key=/etc/keys/farm' /nix/store/…`;

export const copyCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache copy', parameters, {
      json: { type: 'boolean', default: false },
    });
    const [from, to, ...paths] = positionals;
    if (from === undefined || to === undefined || paths.length === 0)
      throw new Fault('bad-usage', 'iolaus cache copy takes two caches and at least one path', {
        remedy: '`iolaus cache copy --help` explains it.',
      });
    using source = await openExisting(from);
    using target = openBinaryCache(parseCacheAddress(to));
    await prepareCache(target);
    using line = new ProgressLine();
    line.tell(`reading what ${paths.length} paths refer to`);
    const closure = await readClosure(source, readPaths(source, paths));
    let begun = 0;
    const archives = fromCache(source, closure);
    const copied = await new Publisher(target).publish(
      [...closure.values()].map(toPathInfo),
      (info) => {
        line.tell(`${(begun += 1)} of ${closure.size}, now ${info.path}`);
        return archives(info);
      },
    );
    if (values.json) console.log(JSON.stringify({ paths: closure.size, copied }));
    else console.log(`${copied} of ${closure.size} paths copied; the others were there.`);
    return 0;
  },
};
