import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { ApiError } from '../../http/api-error.ts';
import { openEventStream } from '../../http/event-stream.ts';
import type { Handlers } from '../handlers.ts';

// By then somebody may have lost a right: whoever is known comes back, and is looked at again.
const knownMilliseconds = 600_000;

export const eventHandlers: Handlers<'followEvents'> = {
  async followEvents({ query: { topics } }, { sources, context, visitor, reader }) {
    const { events, eventListeners } = sources;
    if (events === null) {
      throw new ApiError(
        503,
        'no-event-log',
        'The account of this server may not have the database write down what changes.',
      );
    }
    eventListeners.expectOneMore();
    const stream = openEventStream(context.env);
    eventListeners.add(stream);
    if (visitor.type !== 'anonymous') {
      const timer = setTimeout(() => stream.end(), knownMilliseconds);
      stream.gone.addEventListener('abort', () => clearTimeout(timer));
    }
    events.join({ stream, topics, reader, lastId: context.req.header('last-event-id') });
    return RESPONSE_ALREADY_SENT;
  },
};
