import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerKind } from './server-program.ts';

export async function startServer(
  kind: ServerKind,
): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const program = fileURLToPath(new URL('./server-program.ts', import.meta.url));
  const child = fork(program, [kind]);
  const [endpoint] = await once(child, 'message');
  return {
    endpoint: String(endpoint),
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
