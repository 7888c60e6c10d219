import type { AttributePath } from './attribute-path.ts';
import { runWalk } from './run-walk.ts';
import type { WalkRequest } from './run-walk.ts';

// Each is a process that evaluates the file anew; more than a few would only get into each other's way.
const processesAtOnce = 2;
// Thousands are alike, as when a package set is not there: the first ones tell.
const explainedMax = 100;
const unexplained = 'it throws an error, or an assertion in it fails';

/**
 * Nix's messages for errors that were caught, which it tells only when nobody catches them: each path is evaluated once more. After the
 * first hundred they get a general one.
 */
export async function explainThrown(
  request: WalkRequest,
  paths: readonly AttributePath[],
): Promise<string[]> {
  const messages = paths.map(() => unexplained);
  const waiting = paths.slice(0, explainedMax).entries();
  const work = async () => {
    // The iterator is common to all.
    for (const [index, path] of waiting) messages[index] = await explain(request, path);
  };
  await Promise.all(Array.from({ length: processesAtOnce }, work));
  return messages;
}

async function explain(request: WalkRequest, path: AttributePath): Promise<string> {
  const visits = [{ path, asked: false }];
  const end = await runWalk(request, visits, { catching: false }, async () => {});
  return end.type === 'finished' ? unexplained : end.message;
}
