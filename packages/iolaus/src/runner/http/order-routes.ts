import { z } from 'zod';
import type { ForgottenFailures } from '../../database/steps/failed-paths.ts';
import type { EmergencySubject } from '../../farm/emergencies/emergency-priority.ts';
import type { Event } from '../../farm/event.ts';
import { buildId, evaluationId } from '../../farm/identity.ts';
import type { StandingOrders } from '../../farm/standing-orders.ts';
import { RestError } from './rest-error.ts';
import { change, json, largestId, parseBody, read } from './route.ts';
import type { Answer, Route } from './route.ts';

type OrderType =
  | 'emergency-declared'
  | 'emergency-ended'
  | 'host-held'
  | 'host-released'
  | 'host-pardoned';

/** What a person may ask of the farm besides building. */
export type Order = Event<OrderType>;

/** Who carries it out. */
export type Orders = {
  /** Resolves with why the farm refused it; null if it did not. */
  give(order: Order): Promise<string | null>;
  standing(): StandingOrders;
  /** Returns how many paths may be tried again. */
  forgetFailures(which: ForgottenFailures): Promise<number>;
};

/** Endpoints of our own, for people who look after a farm and for provisioners. */
export function orderRoutes(orders: Orders): readonly Route[] {
  const give = async (order: Order): Promise<Answer> => {
    const refusal = await orders.give(order);
    if (refusal !== null) throw new RestError(404, refusal);
    return json({});
  };
  return [
    read('/orders', () => json(describe(orders.standing()))),
    change('declare-emergency', 'POST', '/emergencies/declare', ({ body }) => {
      const { preempts, ...named } = parseBody(declaration, body);
      return give({
        type: 'emergency-declared',
        emergency: { subject: subjectOf(named), preempts },
      });
    }),
    change('declare-emergency', 'POST', '/emergencies/end', ({ body }) =>
      give({ type: 'emergency-ended', subject: subjectOf(parseBody(subject, body)) }),
    ),
    change('change', 'POST', '/machines/hold', ({ body }) => {
      const { hold, ...host } = parseBody(holding, body);
      if (hold === null) return give({ type: 'host-released', hostname: host.hostname });
      return give({ type: 'host-held', hold, ...host });
    }),
    change('change', 'POST', '/machines/pardon', ({ body }) =>
      give({ type: 'host-pardoned', hostname: parseBody(pardon, body).hostname }),
    ),
    change('change', 'POST', '/failures/forget', async ({ body }) =>
      json({ forgotten: await orders.forgetFailures(whichOf(parseBody(forgetting, body))) }),
    ),
  ];
}

const id = z.number().int().min(1).max(largestId);
const subject = z.strictObject({ subject: z.enum(['build', 'evaluation']), id });
const declaration = subject.extend({ preempts: z.boolean().default(false) });
const hostname = z.string().min(1).max(255);
const pardon = z.strictObject({ hostname });
const holding = z.strictObject({
  hostname,
  hold: z.enum(['paused', 'draining']).nullable(),
  /** Also when this runner has ended; a provisioner says again what it wants. */
  lasts: z.boolean().default(false),
});
const forgetting = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ paths: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ builds: z.array(id).min(1) }),
]);

const subjectOf = ({ subject: kind, id: number }: z.output<typeof subject>): EmergencySubject =>
  kind === 'build'
    ? { type: 'build', build: buildId(number) }
    : { type: 'evaluation', evaluation: evaluationId(number) };

function whichOf(asked: z.output<typeof forgetting>): ForgottenFailures {
  if ('paths' in asked) return { type: 'of-paths', paths: asked.paths };
  return 'builds' in asked
    ? { type: 'of-builds', builds: asked.builds.map(buildId) }
    : { type: 'all' };
}

const describe = ({ emergencies, holds }: StandingOrders): unknown => ({
  emergencies: emergencies.map(({ subject: named, preempts }) => ({
    subject: named.type,
    id: named.type === 'build' ? named.build : named.evaluation,
    preempts,
  })),
  holds: [...holds].map(([hostname, hold]) => ({ hostname, hold })),
});
