import { scriptExpression } from './script-expression.ts';

/** A random number from 0 to below 1, the same ones for the same seed. */
export type Random = () => number;

/** A linear congruential generator with the constants of Numerical Recipes: enough to choose moments and edges by. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Derivations that leave traces of their runs, and how each build must end by Hydra's numbers. */
export type MadeUpGraph = {
  readonly expression: string;
  readonly statuses: Readonly<Record<string, number>>;
};

const inputsMax = 2;
// Edges reach so far back, so that a few can run side by side.
const reach = 8;

/**
 * `count` derivations of 0.1 to `secondsMax` seconds, each needing up to two earlier ones; one fails. A run appends `start` and `end` to the file with
 * its name in `traces`, and `overlap` where another run of the same is under way.
 */
export function madeUpGraph(
  count: number,
  traces: string,
  random: Random,
  { secondsMax = 0.5, failingNode = 5 } = {},
): MadeUpGraph {
  const statuses: Record<string, number> = {};
  const lines: string[] = [];
  for (let node = 0; node < count; node += 1) {
    const inputs = chooseInputs(node, random);
    const name = `n${node}`;
    const isDead = inputs.some((input) => statuses[input] !== succeeded);
    statuses[name] = isDead ? dependencyFailed : node === failingNode ? failed : succeeded;
    const seconds = (0.1 + (secondsMax - 0.1) * random()).toFixed(2);
    const script = [
      `trace=${traces}/$name`,
      `exec 9>> $trace.lock; flock -n 9 || echo overlap >> $trace`,
      `echo said; echo start >> $trace; sleep ${seconds}`,
      node === failingNode ? 'exit 1' : 'echo hello > $out; echo end >> $trace',
    ].join('; ');
    lines.push(`${name} = run "${name}" "${script}" { inputs = [ ${inputs.join(' ')} ]; };`);
  }
  return { expression: `let ${scriptExpression} in rec {\n${lines.join('\n')}\n}\n`, statuses };
}

const succeeded = 0;
const failed = 1;
const dependencyFailed = 2;

function chooseInputs(node: number, random: Random): string[] {
  const chosen = new Set<string>();
  const nearest = Math.min(node, reach);
  for (let index = 0; index < Math.min(inputsMax, nearest); index += 1) {
    chosen.add(`n${node - 1 - Math.floor(random() * nearest)}`);
  }
  return [...chosen];
}
