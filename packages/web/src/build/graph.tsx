import { useEffect, useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuildDetail, Graph, GraphNode } from '../api/v2.ts';
import { FailureNotice } from '../parts/notice.tsx';
import { formatDuration } from '../time/duration.ts';
import type { Edge, Layout, Placed } from './graph-layout.ts';
import { toneOf } from './graph-tone.ts';

/** The steps of a build and what each needs of the others, drawn when somebody wants to see it. */
export function StepGraph({ build }: { build: BuildDetail }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="step-graph" onToggle={({ currentTarget }) => open(currentTarget.open)}>
      <summary>
        <h2>Graph</h2>
      </summary>
      {isOpen ? <DrawnGraph id={build.id} /> : null}
    </details>
  );
}

function DrawnGraph({ id }: { id: number }) {
  const { data, failure } = useResource<Graph>(`${apiRoot}/builds/${id}/graph`, {
    isAffected: (change) => change.builds.includes(id),
    isMoving: (graph) => graph.nodes.some(({ state }) => state !== 'finished'),
  });
  const layout = useLayout(data);
  return (
    <>
      <FailureNotice failure={failure} />
      {data === undefined ? null : (
        <p class="muted">
          The longest way takes {formatDuration(data.criticalSeconds)}.
          {data.isCut ? ' There is more than is drawn.' : null}
        </p>
      )}
      {layout === undefined ? null : <Drawing layout={layout} />}
    </>
  );
}

/** What draws graphs is loaded with the first one. */
function useLayout(graph: Graph | undefined): Layout | undefined {
  const [layout, show] = useState<Layout>();
  useEffect(() => {
    if (graph === undefined) return undefined;
    let isWanted = true;
    const draw = async (): Promise<void> => {
      const { layOut } = await import('./graph-layout.ts');
      if (isWanted) show(layOut(graph.nodes));
    };
    void draw();
    return () => {
      isWanted = false;
    };
  }, [graph]);
  return layout;
}

function Drawing({ layout: { width, height, nodes, edges } }: { layout: Layout }) {
  return (
    <div class="drawing" tabIndex={0} role="group" aria-label="Graph of the steps">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {edges.map((edge) => (
          <path
            key={pathOf(edge)}
            class={edge.isCritical ? 'edge critical' : 'edge'}
            d={pathOf(edge)}
          />
        ))}
      </svg>
      <ol style={{ width: `${width}px`, height: `${height}px` }}>
        {nodes.map((placed) => (
          <StepBox key={placed.node.derivation} {...placed} />
        ))}
      </ol>
    </div>
  );
}

const pathOf = ({ points }: Edge): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');

function StepBox({ node, x, y }: Placed) {
  const { tone, word } = toneOf(node);
  return (
    <li
      class={`step-box ${tone}${node.isCritical ? ' critical' : ''}`}
      style={{ left: `${x}px`, top: `${y}px` }}
      title={`${node.name}: ${word}, ${formatDuration(node.seconds)}`}
    >
      <StepBoxName node={node} />
      <span class="unseen">{word}</span>
    </li>
  );
}

function StepBoxName({ node: { name, attempt } }: { node: GraphNode }) {
  return attempt === null ? (
    <span>{name}</span>
  ) : (
    <a href={`/builds/${attempt.build}/steps/${attempt.step}`}>{name}</a>
  );
}
