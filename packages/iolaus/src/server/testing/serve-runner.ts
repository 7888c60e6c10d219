import { once } from 'node:events';
import { createServer } from 'node:http';

/** What it answers at which path; texts as they are. */
type Answers = Readonly<Record<string, object | string>>;

const derivation = '0123456789abcdfghijklmnpqrsvwxyz-two.drv';

/** Of machines only what is read of them; build 2 waits. */
const oneMachine: Answers = {
  '/status/machines': {
    machines: {
      ares: { systems: ['x86_64-linux'], maxJobs: 4, jobs: [], stats: { currentJobs: 1 } },
    },
  },
  '/orders': { emergencies: [{ subject: 'build', id: 2, preempts: true }], holds: [] },
  '/status/jobsets': {
    jobsets: {
      'project:jobset': { projectName: 'project', name: 'jobset', seconds: 3, shares: 100 },
    },
  },
  '/queue': [derivation, 'x86_64-linux', 'runnable', 'free-slot', 1, 0, 100, 0, 2, [1], 0, 0, 30],
  '/queue/next': { derivations: [derivation] },
  '/queue/speeds': { speeds: { 'x86_64-linux': 2 } },
  ...explanations(),
};

function explanations(): Answers {
  const moment = { earliest: 1_790_000_000_000, latest: null };
  const explanation = {
    derivation,
    why: { type: 'free-slot' },
    tries: 0,
    losses: 0,
    jobsets: [1],
    place: 3,
    machines: [{ builder: 'one', hostname: 'ares', reason: 'full' }],
    starts: moment,
    ends: moment,
  };
  return { '/explain/2': explanation, [`/explain?derivation=${derivation}`]: explanation };
}

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
      const answer = answers[request.url ?? ''];
      response.writeHead(answer === undefined ? 404 : 200);
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
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
