import {
  CreateFleetCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { EC2Client, TagSpecification } from '@aws-sdk/client-ec2';
import { cloudInit } from '../user-data/cloud-init.ts';
import { nixosUserData } from '../user-data/nixos.ts';
import { classify } from './ec2-errors.ts';
import { asType } from './ec2-types.ts';
import { DriverError } from './driver.ts';
import type { Order } from './driver.ts';
import { marksOf } from './marks.ts';
import type { SettingsOf } from './settings.ts';

type Settings = SettingsOf<'ec2'>;

/** One instance under the order's name: the name is the call's token, so that a call that is repeated makes no second one. */
export async function launch(client: EC2Client, settings: Settings, order: Order): Promise<void> {
  const types = (order.offer.type ?? '').split(',').filter(Boolean);
  if (types.length > 1 || settings.subnets.length > 1) {
    await launchFleet(client, settings, order, types);
  } else await launchOne(client, settings, order, types[0]);
}

async function launchOne(
  client: EC2Client,
  { launchTemplate, launchTemplateVersion, subnets: [subnet], userData }: Settings,
  order: Order,
  type: string | undefined,
): Promise<void> {
  await client.send(
    new RunInstancesCommand({
      ClientToken: order.name,
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { ...templateNamed(launchTemplate), Version: launchTemplateVersion },
      InstanceInitiatedShutdownBehavior: 'terminate',
      // Builds must not read the machine's credentials: one hop, and only with a token.
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      UserData: encode(userData, order),
      TagSpecifications: tags(order),
      ...(type === undefined ? {} : { InstanceType: asType(type) }),
      ...(order.pool.image === undefined ? {} : { ImageId: order.pool.image }),
      ...(subnet === undefined ? {} : { SubnetId: subnet }),
      ...(order.offer.isSpot
        ? {
            InstanceMarketOptions: {
              MarketType: 'spot',
              SpotOptions: { SpotInstanceType: 'one-time' },
            },
          }
        : {}),
    }),
  );
}

/** A fleet takes its user data from a template only: it gets a version of its own, for as long as the call takes. */
async function launchFleet(
  client: EC2Client,
  settings: Settings,
  order: Order,
  types: readonly string[],
): Promise<void> {
  const template = templateNamed(settings.launchTemplate);
  const made = await client.send(
    new CreateLaunchTemplateVersionCommand({
      ...template,
      ClientToken: order.name,
      SourceVersion: settings.launchTemplateVersion,
      LaunchTemplateData: {
        UserData: encode(settings.userData, order),
        ...(order.pool.image === undefined ? {} : { ImageId: order.pool.image }),
      },
    }),
  );
  const Version = String(made.LaunchTemplateVersion?.VersionNumber ?? '');
  try {
    const Overrides = overridesOf(types, settings.subnets);
    const answer = await client.send(
      new CreateFleetCommand({
        ClientToken: order.name,
        Type: 'instant',
        LaunchTemplateConfigs: [
          { LaunchTemplateSpecification: { ...template, Version }, Overrides },
        ],
        TargetCapacitySpecification: {
          TotalTargetCapacity: 1,
          DefaultTargetCapacityType: order.offer.isSpot ? 'spot' : 'on-demand',
        },
        SpotOptions: { AllocationStrategy: 'price-capacity-optimized' },
        TagSpecifications: tags(order),
      }),
    );
    refuseEmpty(answer);
  } finally {
    const version = { ...template, Versions: [Version] };
    // One that stays costs nothing, and its token is for this machine only.
    await client.send(new DeleteLaunchTemplateVersionsCommand(version)).catch(() => {});
  }
}

/** A fleet that could not get anything says so beside an answer that is none. */
function refuseEmpty({
  Instances = [],
  Errors = [],
}: {
  Instances?: readonly { InstanceIds?: readonly string[] | undefined }[] | undefined;
  Errors?:
    | readonly { ErrorCode?: string | undefined; ErrorMessage?: string | undefined }[]
    | undefined;
}): void {
  if (Instances.some(({ InstanceIds = [] }) => InstanceIds.length > 0)) return;
  const [first] = Errors;
  const code = first?.ErrorCode ?? 'UnfulfillableCapacity';
  throw new DriverError(
    classify(code),
    `EC2: ${code}: ${first?.ErrorMessage ?? 'the fleet is empty'}`,
  );
}

function overridesOf(types: readonly string[], subnets: readonly string[]) {
  const places = subnets.length === 0 ? [{}] : subnets.map((SubnetId) => ({ SubnetId }));
  const kinds = types.length === 0 ? [{}] : types.map((type) => ({ InstanceType: asType(type) }));
  return kinds.flatMap((kind) => places.map((place) => ({ ...kind, ...place })));
}

const templateNamed = (template: string) =>
  template.startsWith('lt-') ? { LaunchTemplateId: template } : { LaunchTemplateName: template };

function tags(order: Order): TagSpecification[] {
  const Tags = Object.entries(marksOf(order)).map(([Key, Value]) => ({ Key, Value }));
  return [{ ResourceType: 'instance', Tags: [...Tags, { Key: 'Name', Value: order.name }] }];
}

/** Only what is spot is taken back. */
function encode(kind: Settings['userData'], ordered: Order): string {
  const order = ordered.offer.isSpot ? { ...ordered, interruptionNotice: 'ec2' } : ordered;
  return Buffer.from(kind === 'nixos' ? nixosUserData(order) : cloudInit(order)).toString('base64');
}
