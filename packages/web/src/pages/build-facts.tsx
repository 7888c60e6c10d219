import type { BuildDetail } from '../api/v2.ts';
import { Fact } from '../parts/fact.tsx';
import { formatSize } from '../parts/size.ts';
import { StorePathText } from '../parts/store-path-text.tsx';
import { hasEnded } from '../status/words.ts';
import { Elapsed, Moment } from '../time/elapsed.tsx';

/** When, how long, how large, and from what. */
export function BuildFacts({ build }: { build: BuildDetail }) {
  return (
    <dl class="facts">
      <Fact name="Queued">
        <Moment at={build.queuedAt} />
      </Fact>
      <Fact name="Started">
        <Moment at={build.startedAt} />
      </Fact>
      <Fact name={hasEnded(build.status) ? 'Took' : 'Running for'}>
        {build.cached ? (
          'nothing: it was there'
        ) : (
          <Elapsed {...build} running={build.status === 'running'} />
        )}
      </Fact>
      <Fact name="System">{build.system}</Fact>
      <Fact name="Jobset">
        {build.project}:{build.jobset}
      </Fact>
      {build.name === null ? null : <Fact name="Package">{build.name}</Fact>}
      {build.releaseName === null ? null : <Fact name="Release">{build.releaseName}</Fact>}
      {build.size === null ? null : <Fact name="Size">{formatSize(build.size)}</Fact>}
      {build.closureSize === null ? null : (
        <Fact name="With all it needs">{formatSize(build.closureSize)}</Fact>
      )}
      {build.evaluation === null ? null : (
        <Fact name="Evaluation">
          <a href={`/evaluations/${build.evaluation}`}>{build.evaluation}</a>
        </Fact>
      )}
      <Fact name="Derivation" wide>
        <StorePathText path={build.derivation} />
      </Fact>
    </dl>
  );
}
