import { openSync } from 'node:fs';
import { hashPath } from '../../packages/nix/src/nar/measure-nar.ts';
import { readAhead } from '../../packages/nix/src/nar/read-ahead.ts';
import { restoreNar } from '../../packages/nix/src/nar/restore-nar.ts';

// node archive-process.ts dump TREE | restore ARCHIVE TARGET: prints the seconds it took and the most memory.
const [work, source = '', target = ''] = process.argv.slice(2);
const start = performance.now();
if (work === 'dump') await hashPath(source);
else await restoreNar(readAhead(openSync(source, 'r')), target);
const seconds = (performance.now() - start) / 1_000;
console.log(JSON.stringify({ seconds, rssMb: process.resourceUsage().maxRSS / 1_024 }));
