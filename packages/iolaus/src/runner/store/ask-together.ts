import { setTimeout } from 'node:timers/promises';

/** Tells what there is of each of the keys. */
type Ask<Key, Fact> = (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Fact>>;
type Waiting<Key, Fact> = {
  readonly keys: Set<Key>;
  readonly answer: PromiseWithResolvers<ReadonlyMap<Key, Fact>>;
};

// Not to be felt, and long enough that outputs of the tiniest steps come several at a time.
const restMilliseconds = 10;

/**
 * Keys that come while others are being asked for, or in the moment after, are asked for together: a question costs a
 * daemon more than a key. All who are in a question that fails are told so.
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
