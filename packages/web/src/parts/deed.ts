import { useState } from 'preact/hooks';
import { RequestFailure } from '../api/request.ts';

/** Something that is done for somebody, once at a time: whether it is under way, and why the last one was not done. */
export function useDeed(): {
  readonly busy: boolean;
  readonly failure: string | undefined;
  readonly run: (deed: () => Promise<void>) => Promise<void>;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run = async (deed: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await deed();
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof RequestFailure ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
