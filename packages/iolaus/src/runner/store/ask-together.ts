import { setTimeout } from 'node:timers/promises';

/** Tells what there is of each of the keys. */
type Ask<Key, Fact> = (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Fact>>;
type Waiting<Key, Fact> = {
  readonly keys: Set<Key>;
  readonly answer: PromiseWithResolvers<ReadonlyMap<Key, Fact>>;
};

// Too short to be felt, and long enough to gather the outputs of several tiny steps.
const restMilliseconds = 10;

/**
 * Gathers keys that arrive while a question is under way, or in the moment after it, into one question: a question costs
 * the daemon more than a key. If a question fails, all who asked it are told so.
 */
export function askTogether<Key, Fact>(ask: Ask<Key, Fact>): Ask<Key, Fact> {
  let waiting: Waiting<Key, Fact> | undefined;
  let isAsking = false;

  const askAll = async (): Promise<void> => {
    isAsking = true;
    while (waiting !== undefined) {
      const { keys, answer } = waiting;
      waiting = undefined;
      await ask([...keys]).then(answer.resolve, answer.reject);
      await setTimeout(restMilliseconds);
    }
    isAsking = false;
  };

  return async (keys) => {
    waiting ??= { keys: new Set(), answer: Promise.withResolvers() };
    for (const key of keys) waiting.keys.add(key);
    const { promise } = waiting.answer;
    if (!isAsking) void askAll();
    const facts = await promise;
    return new Map(keys.flatMap((key) => pairOf(key, facts.get(key))));
  };
}

function pairOf<Key, Fact>(key: Key, fact: Fact | undefined): [Key, Fact][] {
  return fact === undefined ? [] : [[key, fact]];
}
