import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { V1Pod, V1Secret } from '@kubernetes/client-node';
import { describeError } from '../../fault/fault.ts';
import type { DriverFailure, Machine } from '../plan/observation.ts';
import { builderParameters, builderToml } from '../user-data/builder-settings.ts';
import { DriverError } from './driver.ts';
import type { Driver, Order } from './driver.ts';
import { marks, marksOf, readMarks } from './marks.ts';
import type { SettingsOf } from './settings.ts';

type Settings = SettingsOf<'kubernetes'>;

const folder = '/etc/iolaus';
const files = { config: `${folder}/builder.toml`, token: `${folder}/token` };
const usualPage = 500;

/**
 * Pods of a cluster, each a builder. A pod's settings and token are a secret of the same name, for which it waits and which
 * goes with it; names are unique in a namespace, so that a call that is repeated makes nothing twice. Nodes are the
 * cluster's own affair.
 */
export function openKubernetesDriver(
  settings: Settings,
  { owner, pageSize = usualPage }: { readonly owner: string; readonly pageSize?: number },
): Driver {
  const api = connect(settings);
  const { namespace } = settings;
  const labelSelector = `${marks.owner}=${owner}`;
  return {
    async list() {
      const machines: Machine[] = [];
      let next: string | undefined;
      do {
        const page = await ask(() =>
          api.listNamespacedPod({
            namespace,
            labelSelector,
            limit: pageSize,
            ...(next === undefined ? {} : { _continue: next }),
          }),
        );
        machines.push(...page.items.flatMap((pod) => describe(pod, owner)));
        next = page.metadata?._continue || undefined;
      } while (next !== undefined);
      return machines;
    },
    async create(order) {
      const body = podOf(settings, order);
      const pod =
        (await once(() => api.createNamespacedPod({ namespace, body }))) ??
        (await ask(() => api.readNamespacedPod({ namespace, name: order.name })));
      await once(() => api.createNamespacedSecret({ namespace, body: secretOf(order, pod) }));
    },
    async destroy({ handle: name }) {
      await gone(() => api.deleteNamespacedPod({ namespace, name }));
      await gone(() => api.deleteNamespacedSecret({ namespace, name }));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function connect({ kubeconfig, context }: Settings): CoreV1Api {
  const configuration = new KubeConfig();
  try {
    if (kubeconfig === undefined) configuration.loadFromDefault();
    else configuration.loadFromFile(kubeconfig);
    if (context !== undefined) configuration.setCurrentContext(context);
    return configuration.makeApiClient(CoreV1Api);
  } catch (cause) {
    throw new DriverError('configuration', `the cluster is not known: ${describeError(cause)}`, {
      cause,
    });
  }
}

const failures: Readonly<Record<number, DriverFailure>> = {
  400: 'configuration',
  401: 'credentials',
  403: 'credentials',
  404: 'configuration',
  422: 'configuration',
  429: 'rate',
};

async function ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ApiException)) {
      throw new DriverError('unknown', `Kubernetes: ${describeError(error)}`, { cause: error });
    }
    const reason = reasonOf(error.body);
    const message = `Kubernetes answers ${error.code}: ${reason}`;
    // A quota that is used up and a lack of rights are the same number.
    const isQuota = error.code === 403 && /exceeded quota/.test(reason);
    const failure = isQuota ? 'quota' : (failures[error.code] ?? 'transient');
    throw new DriverError(failure, message, { cause: error });
  }
}

/** The cluster's own words, which are in a JSON document where it has any. */
function reasonOf(body: unknown): string {
  if (body === undefined) return 'it does not say why';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const message = /"message":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return message === undefined ? text.slice(0, 200) : String(JSON.parse(message));
}

const isAnswer = (error: unknown, code: number): boolean =>
  error instanceof DriverError && error.cause instanceof ApiException && error.cause.code === code;

/** Null: it is there already, made by an earlier call. */
async function once<Answer>(call: () => Promise<Answer>): Promise<Answer | null> {
  return ask(call).catch((error: unknown) => {
    if (isAnswer(error, 409)) return null;
    throw error;
  });
}

async function gone(call: () => Promise<unknown>): Promise<void> {
  await ask(call).catch((error: unknown) => {
    if (!isAnswer(error, 404)) throw error;
  });
}

function secretOf(order: Order, pod: V1Pod): V1Secret {
  const { name } = order;
  const owner = { apiVersion: 'v1', kind: 'Pod', name, uid: pod.metadata?.uid ?? '' };
  return {
    metadata: { name, labels: marksOf(order), ownerReferences: [owner] },
    stringData: { 'builder.toml': builderToml(order), token: order.join.token ?? '' },
  };
}

function podOf(settings: Settings, order: Order): V1Pod {
  const { image, serviceAccount, nodeSelector, cpu, memory } = settings;
  const asked = { ...(cpu && { cpu }), ...(memory && { memory }) };
  const state = ['--state-dir', '/var/lib/iolaus-builder'];
  return {
    metadata: { name: order.name, labels: marksOf(order) },
    spec: {
      restartPolicy: 'Never',
      // Builds have no business with the cluster.
      automountServiceAccountToken: false,
      nodeSelector: { ...nodeSelector, ...archOf(order) },
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      containers: [
        {
          name: 'builder',
          image: order.pool.image ?? image,
          args: ['builder', ...builderParameters(order, files), ...state],
          resources: { requests: asked },
          volumeMounts: [{ name: 'settings', mountPath: folder, readOnly: true }],
        },
      ],
      volumes: [{ name: 'settings', secret: { secretName: order.name, defaultMode: 0o400 } }],
    },
  };
}

/** Pods go to nodes that are what their pool says. */
function archOf({ pool }: Order): Record<string, string> {
  const [first = ''] = pool.systems;
  const arch = { 'x86_64-linux': 'amd64', 'aarch64-linux': 'arm64' }[first];
  return arch === undefined ? {} : { 'kubernetes.io/arch': arch };
}

const states: Readonly<Record<string, Machine['state']>> = {
  Pending: 'starting',
  Running: 'running',
  Succeeded: 'failed',
  Failed: 'failed',
};

function describe({ metadata, status }: V1Pod, owner: string): Machine[] {
  const found = readMarks(metadata?.labels ?? {}, owner);
  if (found === null) return [];
  const isLeaving = metadata?.deletionTimestamp !== undefined;
  return [
    {
      ...found,
      handle: metadata?.name ?? found.name,
      isInterrupted: false,
      state: isLeaving ? 'stopping' : (states[status?.phase ?? ''] ?? 'starting'),
      createdAt: metadata?.creationTimestamp?.getTime() ?? 0,
    },
  ];
}
