import type { BuilderPlan, NodePlan, Plan } from './plan.ts';

/** What a plan begins with, for a person. */
export function describePlan({ seed, nodes, builders, settings, calmAt }: Plan): string[] {
  return [
    `Seed ${seed}. ${Math.round(calmAt / 1_000)} seconds until nothing goes wrong any more.`,
    '',
    'To be built:',
    ...nodes.map((node, index) => `  n${index}  ${describeNode(node)}`),
    '',
    'Builders:',
    ...builders.map((builder) => `  ${builder.hostname}  ${describeBuilder(builder)}`),
    '',
    `A step is tried ${settings.maxTries} times, ${settings.retryIntervalSeconds} seconds apart, each time ${settings.retryBackoff} times as long; ` +
      `it waits ${settings.maxUnsupportedSeconds} seconds for a builder of its kind.`,
  ];
}

function describeNode({ inputs, system, features, fate, milliseconds }: NodePlan): string {
  const needs =
    inputs.length === 0 ? '' : `, needs ${inputs.map((input) => `n${input}`).join(' ')}`;
  const kind = [system, ...features].join(' ');
  return `${kind}, ${Math.round(milliseconds)} ms, ${fate.replaceAll('-', ' ')}${needs}`;
}

function describeBuilder(builder: BuilderPlan): string {
  const { systems, features, slots, speaks, sharesStore, remembers, vice } = builder;
  const facts = [
    [...systems, ...features].join(' '),
    `${slots} slots`,
    speaks.replaceAll('-', ' '),
    ...(remembers ? ['can come back'] : []),
    ...(sharesStore ? ["the runner's store"] : []),
    ...(vice === 'none' ? [] : [vice.replaceAll('-', ' ')]),
  ];
  return facts.join(', ');
}
