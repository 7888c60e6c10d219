import { z } from 'zod';
import { readSecretFile } from '../../configuration/secret.ts';
import { describeError } from '../../fault/fault.ts';
import type { DriverFailure, Machine } from '../plan/observation.ts';
import { offersOf } from '../plan/policy.ts';
import { cloudInit } from '../user-data/cloud-init.ts';
import { nixosUserData } from '../user-data/nixos.ts';
import { DriverError } from './driver.ts';
import type { Driver, Order } from './driver.ts';
import { marks, marksOf, readMarks } from './marks.ts';
import type { SettingsOf } from './settings.ts';

const serversSchema = z.object({
  servers: z.array(
    z.object({
      id: z.number(),
      status: z.string(),
      created: z.string(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
  meta: z.object({ pagination: z.object({ next_page: z.number().nullable() }) }),
});

const typesSchema = z.object({
  server_types: z.array(
    z.object({
      name: z.string(),
      prices: z.array(
        z.object({ location: z.string(), price_hourly: z.object({ gross: z.string() }) }),
      ),
    }),
  ),
});

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const failures: Readonly<Record<string, DriverFailure>> = {
  resource_unavailable: 'capacity',
  placement_error: 'capacity',
  resource_limit_exceeded: 'quota',
  rate_limit_exceeded: 'rate',
  unauthorized: 'credentials',
  forbidden: 'credentials',
  token_readonly: 'credentials',
  unsupported_error: 'configuration',
  invalid_input: 'configuration',
  not_found: 'configuration',
};

const states: Readonly<Record<string, Machine['state']>> = {
  initializing: 'starting',
  starting: 'starting',
  running: 'running',
  stopping: 'stopping',
  deleting: 'stopping',
  rebuilding: 'starting',
  migrating: 'running',
};

const waitMilliseconds = 30_000;
const pageSize = 50;

/**
 * Hetzner's cloud. It bills for hours that have begun, also for servers that are off; so these are deleted, never stopped.
 * Names are unique in a project, which makes a call that is repeated harmless.
 */
export function openHetznerDriver(
  settings: SettingsOf<'hetzner'>,
  { owner }: { readonly owner: string },
): Driver {
  const ask = openHetzner(settings);
  return {
    async list() {
      const machines: Machine[] = [];
      const selector = encodeURIComponent(`${marks.owner}=${owner}`);
      for (let page: number | null = 1; page !== null;) {
        const path = `/servers?label_selector=${selector}&per_page=${pageSize}&page=${page}`;
        const answer: z.infer<typeof serversSchema> = serversSchema.parse(await ask('GET', path));
        machines.push(...answer.servers.flatMap((server) => describe(server, owner)));
        page = answer.meta.pagination.next_page;
      }
      return machines;
    },
    async create(order) {
      try {
        await ask('POST', '/servers', requestOf(settings, order));
      } catch (error) {
        if (!(error instanceof HetznerError && error.code === 'uniqueness_error')) throw error;
      }
    },
    async destroy({ handle }) {
      try {
        await ask('DELETE', `/servers/${handle}`);
      } catch (error) {
        if (!(error instanceof HetznerError && error.code === 'not_found')) throw error;
      }
    },
    async prices(pool) {
      const { server_types: types } = typesSchema.parse(
        await ask('GET', '/server_types?per_page=50'),
      );
      const prices = new Map<string, number>();
      for (const { name, type } of offersOf(pool)) {
        const listed = types.find((one) => one.name === type)?.prices ?? [];
        const price = listed.find(({ location }) => location === settings.location) ?? listed[0];
        if (price !== undefined) prices.set(name, Number(price.price_hourly.gross));
      }
      return prices;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

class HetznerError extends DriverError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(failures[code] ?? 'transient', `Hetzner: ${code}: ${message}`);
    this.code = code;
  }
}

type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

function openHetzner({ endpoint, tokenFile }: SettingsOf<'hetzner'>): Ask {
  const remedy = 'drivers.….tokenFile should name a file with a token of the project.';
  return async (method, path, body) => {
    // Read at each call, so that one that was renewed counts at once.
    const token = readSecretFile(tokenFile, 'the token file', remedy);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(waitMilliseconds);
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    let answer: Response;
    try {
      answer = await fetch(endpoint + path, { method, headers, signal, ...sent });
    } catch (cause) {
      throw new DriverError('unknown', `Hetzner does not answer: ${describeError(cause)}`, {
        cause,
      });
    }
    const text = await answer.text();
    if (answer.ok) return text === '' ? {} : JSON.parse(text);
    const parsed = errorSchema.safeParse(parseJson(text));
    if (!parsed.success) throw new DriverError('transient', `Hetzner answers ${answer.status}`);
    throw new HetznerError(parsed.data.error.code, parsed.data.error.message);
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function requestOf(
  { image, location, sshKeys, userData }: SettingsOf<'hetzner'>,
  order: Order,
): object {
  return {
    name: order.name,
    server_type: order.offer.type ?? order.offer.name,
    image: order.pool.image ?? image,
    labels: marksOf(order),
    user_data: userData === 'nixos' ? nixosUserData(order) : cloudInit(order),
    start_after_create: true,
    ...(location === undefined ? {} : { location }),
    ...(sshKeys.length === 0 ? {} : { ssh_keys: sshKeys }),
  };
}

/** One that is off has ended itself, or was switched off: it costs as much as one that works. */
function describe(
  { id, status, created, labels }: z.infer<typeof serversSchema>['servers'][number],
  owner: string,
): Machine[] {
  const found = readMarks(labels, owner);
  if (found === null) return [];
  const createdAt = Date.parse(created) || 0;
  return [
    {
      ...found,
      handle: String(id),
      createdAt,
      isInterrupted: false,
      state: states[status] ?? 'failed',
    },
  ];
}
