import { countObjects } from '../../cache/upkeep/count-objects.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { printTable } from '../terminal/table.ts';
import { openOneCache } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';

const help = `iolaus cache stats [--json] CACHE

Counts what a cache holds, by kind, with its bytes.`;

export const statsCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache stats', parameters, {
      json: { type: 'boolean', default: false },
    });
    using cache = await openOneCache('stats', positionals);
    using line = new ProgressLine();
    let seen = 0;
    const counts = await countObjects(cache, () => line.tell(`${(seen += 1)} objects`));
    if (values.json) console.log(JSON.stringify(Object.fromEntries(counts)));
    else
      console.log(
        printTable(
          [...counts].map(([kind, { count, bytes }]) => [
            kind,
            `${count}`,
            `${(bytes / 2 ** 20).toFixed(1)} MiB`,
          ]),
        ),
      );
    return 0;
  },
};
