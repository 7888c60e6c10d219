import { once } from 'node:events';
import { createServer } from 'node:http';

/** What it answers at which path. */
type Answers = Readonly<Record<string, object>>;

/** Of machines only what is read of them. */
const oneMachine: Answers = {
  '/status/machines': {
    machines: {
      ares: { systems: ['x86_64-linux'], maxJobs: 4, jobs: [], stats: { currentJobs: 1 } },
    },
  },
  '/status/jobsets': {
    jobsets: {
      'project:jobset': { projectName: 'project', name: 'jobset', seconds: 3, shares: 100 },
    },
  },
};

export type ServedRunner = AsyncDisposable & {
  readonly url: string;
  /** Bodies of what was to be changed, as `METHOD PATH BODY`. */
  readonly changes: readonly string[];
};

/** Stands in for the runner's HTTP interface. */
export async function serveRunner(answers: Answers = oneMachine): Promise<ServedRunner> {
  const changes: string[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    if (request.method === 'GET') {
      response.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
    } else {
      changes.push(`${request.method} ${request.url} ${Buffer.concat(pieces).toString()}`);
      response.end('{}');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    changes,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
