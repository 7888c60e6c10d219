import { play } from './history.ts';
import type { BuilderPlan, Deed, NodePlan, Plan } from './plan.ts';
import type { Sabotage } from './sabotage/sabotage.ts';

// Enough to come to an end with every plan that was tried; a play takes milliseconds.
const playsMax = 600;

/** The shortest plan that is found by taking away one thing after the other, and in which still some promise is broken. */
export async function shrink(plan: Plan, sabotage: Sabotage): Promise<Plan> {
  let shortest = plan;
  let plays = 0;
  let hasShrunk = true;
  while (hasShrunk) {
    hasShrunk = false;
    for (const shorter of shorterPlans(shortest)) {
      plays += 1;
      if (plays > playsMax) return shortest;
      if ((await play(shorter, sabotage)).breaches.length === 0) continue;
      shortest = shorter;
      hasShrunk = true;
      break;
    }
  }
  return shortest;
}

/** The boldest first. */
function* shorterPlans(plan: Plan): Generator<Plan> {
  yield* withoutHalves(plan.troubles).map((troubles) => ({ ...plan, troubles }));
  yield* withoutHalves(plan.deeds).map((deeds) => ({ ...plan, deeds }));
  yield* withoutHalves(plan.builders).map((builders) => ({ ...plan, builders }));
  yield* withoutOne(plan.troubles).map((troubles) => ({ ...plan, troubles }));
  yield* withoutOne(plan.deeds).map((deeds) => ({ ...plan, deeds }));
  yield* withoutOne(plan.builders).map((builders) => ({ ...plan, builders }));
  yield* withoutUnneeded(plan);
  yield* withoutOne(plan.caches).map((caches) => ({ ...plan, caches }));
  yield* changeEach(plan.deeds, simplerDeeds).map((deeds) => ({ ...plan, deeds }));
  yield* changeEach(plan.nodes, simplerNodes).map((nodes) => ({ ...plan, nodes }));
  yield* changeEach(plan.builders, simplerBuilders).map((builders) => ({ ...plan, builders }));
  if (plan.calmAt > 1_000) yield { ...plan, calmAt: Math.round(plan.calmAt / 2) };
}

function withoutHalves<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [];
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

const withoutOne = <Item>(items: readonly Item[]): Item[][] =>
  items.map((_, left) => items.filter((__, index) => index !== left));

function changeEach<Item>(
  items: readonly Item[],
  simpler: (item: Item) => readonly Item[],
): Item[][] {
  return items.flatMap((item, index) => simpler(item).map((other) => items.with(index, other)));
}

/** Nodes that nothing queued needs may go. */
function withoutUnneeded(plan: Plan): Plan[] {
  const needed = new Set<number>();
  for (const deed of plan.deeds) {
    if (deed.type === 'evaluate') for (const node of deed.nodes) needed.add(node);
  }
  for (const node of needed) for (const input of plan.nodes[node]?.inputs ?? []) needed.add(input);
  if (needed.size === plan.nodes.length) return [];
  const places = [...needed].toSorted((one, other) => one - other);
  const move = (indices: readonly number[]): number[] =>
    indices.map((index) => places.indexOf(index));
  return [
    {
      ...plan,
      nodes: places
        .flatMap((place) => plan.nodes[place] ?? [])
        .map((node) => ({ ...node, inputs: move(node.inputs) })),
      deeds: plan.deeds.map((deed) =>
        deed.type === 'evaluate' ? { ...deed, nodes: move(deed.nodes) } : deed,
      ),
      troubles: plan.troubles.filter(
        (trouble) => trouble.type !== 'garbage-collected' || needed.has(trouble.node),
      ),
    },
  ];
}

function simplerDeeds(deed: Deed): Deed[] {
  if (deed.type !== 'evaluate' || deed.nodes.length < 2) return [];
  return [...withoutHalves(deed.nodes), ...withoutOne(deed.nodes)].map((nodes) => ({
    ...deed,
    nodes,
  }));
}

function simplerNodes(node: NodePlan): NodePlan[] {
  const simpler: NodePlan[] = withoutOne(node.inputs).map((inputs) => ({ ...node, inputs }));
  if (node.inputs.length > 1) simpler.unshift({ ...node, inputs: [] });
  if (node.fate !== 'succeeds') simpler.push({ ...node, fate: 'succeeds' });
  if (node.features.length > 0) simpler.push({ ...node, features: [] });
  return simpler;
}

function simplerBuilders(builder: BuilderPlan): BuilderPlan[] {
  return builder.vice === 'none' ? [] : [{ ...builder, vice: 'none' }];
}
