import { z } from 'zod';
import { duration } from '../duration.ts';

const texts = z.record(z.string(), z.string());

const local = z.strictObject({
  type: z.literal('local'),
  /** Each machine has a folder here. */
  directory: z.string().min(1),
});

const exec = z.strictObject({
  type: z.literal('exec'),
  /** The program and its first parameters; the verb follows. */
  command: z.array(z.string()).min(1),
  timeout: duration.prefault('2m'),
  environment: texts.default({}),
});

const ec2 = z.strictObject({
  type: z.literal('ec2'),
  region: z.string().min(1),
  /** Other than Amazon's. */
  endpoint: z.url().optional(),
  launchTemplate: z.string().min(1),
  launchTemplateVersion: z.string().min(1).default('$Default'),
  subnets: z.array(z.string().min(1)).default([]),
  userData: z.enum(['cloud-init', 'nixos']).default('cloud-init'),
});

const kubernetes = z.strictObject({
  type: z.literal('kubernetes'),
  namespace: z.string().min(1).default('default'),
  image: z.string().min(1),
  /** Absent: the cluster's own, or what kubectl would take. */
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  serviceAccount: z.string().min(1).optional(),
  nodeSelector: texts.default({}),
  cpu: z.string().min(1).optional(),
  memory: z.string().min(1).optional(),
});

const hetzner = z.strictObject({
  type: z.literal('hetzner'),
  tokenFile: z.string().min(1),
  endpoint: z.url().default('https://api.hetzner.cloud/v1'),
  image: z.string().min(1),
  location: z.string().min(1).optional(),
  sshKeys: z.array(z.string().min(1)).default([]),
  userData: z.enum(['cloud-init', 'nixos']).default('cloud-init'),
});

export const driverSchema = z.discriminatedUnion('type', [local, exec, ec2, kubernetes, hetzner]);

export type DriverSettings = z.infer<typeof driverSchema>;
export type SettingsOf<Type extends DriverSettings['type']> = Extract<
  DriverSettings,
  { readonly type: Type }
>;

/** Milliseconds until what was made is in the list for certain. */
export const listLag: Readonly<Record<DriverSettings['type'], number>> = {
  local: 0,
  exec: 30_000,
  ec2: 120_000,
  kubernetes: 5_000,
  hetzner: 30_000,
};

/** Those whose machines can be stopped and started again. */
export const canStop: ReadonlySet<DriverSettings['type']> = new Set(['exec', 'ec2']);
