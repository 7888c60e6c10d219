import { Fault } from '../fault/fault.ts';
import { Agenda } from './agenda.ts';
import type { Visit } from './agenda.ts';
import type { AttributePath } from './attribute-path.ts';
import { runWalk } from './run-walk.ts';
import type { WalkEnd, WalkRequest } from './run-walk.ts';
import type { Sight, WalkRecord } from './walk-record.ts';

/** `failed`: an error that ended Nix, with its message. */
export type Seen = Sight | { type: 'failed'; path: AttributePath; message: string };

// Each costs a process. More than these are no accident of some attributes, but something wrong with the file.
const failuresMax = 1_000;
// The kernel takes 128 KiB for one argument; in Nix's syntax every quotation mark has another byte.
const visitsBytesMax = 64 * 1024;

/**
 * Looks at all paths, and below them, in as few processes as it can be done: one for some thousands, and one more for every
 * path that ends a process. Tells what is seen in order.
 * @throws Fault `bad-expression` where the file itself has no value; `disk-full`, `daemon-unreachable`
 */
export async function walkFile(
  request: WalkRequest,
  visits: readonly Visit[],
  tell: (seen: Seen, visit: Visit) => Promise<void>,
): Promise<void> {
  const agenda = new Agenda(visits);
  let failures = 0;
  for (let first = agenda.first; first !== undefined; first = agenda.first) {
    let hasFile = false;
    const hear = async (record: WalkRecord) => {
      if (record.type === 'file') hasFile = true;
      else
        await tell(
          record,
          agenda.replaceFirst(record.path, record.type === 'set' ? record.names : []),
        );
    };
    const end = await runWalk(request, agenda.head(visitsBytesMax), { catching: true }, hear);
    const culprit = blame(end, first, agenda.first);
    if (!hasFile) throw badFile(request.file, end);
    if (culprit === undefined) continue;
    failures += 1;
    if (failures > failuresMax) throw badFile(request.file, end);
    const { path } = agenda.replaceFirst(culprit.path, []);
    await tell({ type: 'failed', path, message: messageOf(end) }, culprit);
  }
}

/**
 * The visit that ended a process, if it did not end by itself. One that ran out of something may have been filled by what came before:
 * the visit gets a process of its own first.
 */
function blame(end: WalkEnd, first: Visit, now: Visit | undefined): Visit | undefined {
  if (end.type === 'finished') {
    if (now === first)
      throw new Error(`Nix looked at nothing, though ${first.path.join('.')} is left`);
    return undefined;
  }
  refuseTrouble(end.message);
  return end.type === 'exhausted' && now !== first ? undefined : now;
}

/** No fault of the machine becomes an error in an expression. */
function refuseTrouble(message: string): void {
  if (/No space left on device|database or disk is full/i.test(message)) {
    throw new Fault('disk-full', `there is no space left: ${message}`, {
      remedy: 'Free some, or put the farm elsewhere with --state-dir.',
    });
  }
  if (/cannot (?:connect to|open connection to)/i.test(message)) {
    throw new Fault('daemon-unreachable', `Nix cannot reach its daemon: ${message}`, {
      remedy: 'Start nix-daemon, or set NIX_REMOTE=unix://PATH to where it listens.',
    });
  }
}

function badFile(file: string, end: WalkEnd): Fault {
  const message = messageOf(end).replaceAll('\n', ' ');
  return new Fault('bad-expression', `${file} cannot be evaluated: ${message}`);
}

function messageOf(end: WalkEnd): string {
  return end.type === 'finished' ? 'Nix ended early' : end.message;
}
