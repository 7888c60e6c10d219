import {
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import type { Instance } from '@aws-sdk/client-ec2';
import type { PoolConfiguration } from '../configuration.ts';
import type { Machine } from '../plan/observation.ts';
import { offersOf } from '../plan/policy.ts';
import { askEc2 } from './ec2-errors.ts';
import { launch } from './ec2-launch.ts';
import { asType } from './ec2-types.ts';
import { DriverError } from './driver.ts';
import type { Driver, Order } from './driver.ts';
import { marks, readMarks } from './marks.ts';
import type { SettingsOf } from './settings.ts';

// The SDK's own retries come on top of ours, which know more.
const tries = 2;
const waitMilliseconds = 30_000;

/**
 * Amazon's EC2: launch templates, and fleets where an offer names several types or there are several subnets. Credentials
 * are found as Amazon's own tools find them. The template has to say that the machine ends when it shuts down.
 */
export function openEc2Driver(
  settings: SettingsOf<'ec2'>,
  { owner }: { readonly owner: string },
): Driver {
  const client = new EC2Client({
    region: settings.region,
    maxAttempts: tries,
    requestHandler: { requestTimeout: waitMilliseconds },
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
  });
  const find = (filters: Readonly<Record<string, string>>): Promise<Instance[]> =>
    askEc2('list', () => findInstances(client, { [`tag:${marks.owner}`]: owner, ...filters }));
  return {
    async list() {
      const instances = await find({});
      const interrupted = await askEc2('list', () => findInterrupted(client, instances));
      return instances.flatMap((instance) => describe(instance, owner, interrupted));
    },
    async create(order: Order) {
      // The token of a call is forgotten after a day, a mark is not.
      if ((await find({ [`tag:${marks.name}`]: order.name })).length > 0) return;
      await askEc2('create', () => launch(client, settings, order));
    },
    async destroy({ handle }) {
      const command = new TerminateInstancesCommand({ InstanceIds: [handle] });
      await askEc2('destroy', () => client.send(command)).catch((error: unknown) => {
        if (!(error instanceof DriverError && /InvalidInstanceID.NotFound/.test(error.message)))
          throw error;
      });
    },
    async stop({ handle }) {
      await askEc2('stop', () => client.send(new StopInstancesCommand({ InstanceIds: [handle] })));
    },
    async start({ handle }) {
      await askEc2('start', () =>
        client.send(new StartInstancesCommand({ InstanceIds: [handle] })),
      );
    },
    prices: (pool) => askEc2('prices', () => spotPrices(client, pool)),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

const livingStates = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

async function findInstances(
  client: EC2Client,
  filters: Readonly<Record<string, string>>,
): Promise<Instance[]> {
  const named = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
  const Filters = [...named, { Name: 'instance-state-name', Values: livingStates }];
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client, pageSize: 1_000 }, { Filters })) {
    for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances);
  }
  return found;
}

const interrupting = new Set(['marked-for-termination', 'marked-for-stop']);

/** Instances of the spot market that Amazon takes back in two minutes. */
async function findInterrupted(
  client: EC2Client,
  instances: readonly Instance[],
): Promise<ReadonlySet<string>> {
  const requests = instances.flatMap(({ SpotInstanceRequestId: id }) => (id ? [id] : []));
  if (requests.length === 0) return new Set();
  const command = new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: requests });
  const { SpotInstanceRequests = [] } = await client.send(command);
  return new Set(
    SpotInstanceRequests.filter(({ Status }) => interrupting.has(Status?.Code ?? '')).map(
      ({ InstanceId }) => InstanceId ?? '',
    ),
  );
}

const states: Readonly<Record<string, Machine['state']>> = {
  pending: 'starting',
  running: 'running',
  'shutting-down': 'stopping',
  stopping: 'stopping',
  stopped: 'stopped',
};

function describe(
  { InstanceId: handle = '', Tags = [], State, LaunchTime }: Instance,
  owner: string,
  interrupted: ReadonlySet<string>,
): Machine[] {
  const found = readMarks(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])), owner);
  if (found === null || handle === '') return [];
  return [
    {
      ...found,
      handle,
      state: states[State?.Name ?? ''] ?? 'failed',
      createdAt: LaunchTime?.getTime() ?? 0,
      isInterrupted: interrupted.has(handle),
    },
  ];
}

/** The cheapest zone's of each spot offer; what is not spot is not to be had from this interface. */
async function spotPrices(
  client: EC2Client,
  pool: PoolConfiguration,
): Promise<ReadonlyMap<string, number>> {
  const prices = new Map<string, number>();
  for (const { name, type, isSpot } of offersOf(pool)) {
    if (!isSpot || type === null) continue;
    const { SpotPriceHistory = [] } = await client.send(
      new DescribeSpotPriceHistoryCommand({
        InstanceTypes: type.split(',').map(asType),
        ProductDescriptions: ['Linux/UNIX'],
        StartTime: new Date(),
      }),
    );
    const told = SpotPriceHistory.map(({ SpotPrice }) => Number(SpotPrice)).filter(
      (price) => price > 0,
    );
    if (told.length > 0) prices.set(name, Math.min(...told));
  }
  return prices;
}
