import type { Builder } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { tellTimeLeft } from '../now/queue-depth.tsx';
import { formatDuration } from '../time/duration.ts';
import { Gauge } from './gauge.tsx';
import { measuresOf } from './measures.ts';

/** What it is and how it is. */
export function BuilderFacts({ builder }: { builder: Builder }) {
  const { systems, supportedFeatures, mandatoryFeatures, running, slots } = builder;
  const { stepsDone, succeeded, failed, uptimeSeconds, secondsLeft } = builder;
  const told: readonly (readonly [name: string, text: string])[] = [
    ['Systems', systems.join(', ')],
    ['Features', supportedFeatures.join(', ') || 'none'],
    ...(mandatoryFeatures.length === 0
      ? []
      : [['Only for steps with', mandatoryFeatures.join(', ')] as const]),
    ['Slots in use', `${running} of ${slots}`],
    [
      'Has still to do',
      secondsLeft === null || secondsLeft < 1 ? 'nothing' : tellTimeLeft(secondsLeft),
    ],
    ['Joined', uptimeSeconds === null ? 'away' : `${formatDuration(uptimeSeconds)} ago`],
    ['Steps done', formatCount(stepsDone)],
    ['Succeeded, failed', `${formatCount(succeeded)}, ${formatCount(failed)}`],
  ];
  return (
    <dl class="facts">
      {measuresOf(builder).map((measure) => (
        <div key={measure.name}>
          <dt>{measure.name}</dt>
          <dd>
            <Gauge {...measure} />
          </dd>
        </div>
      ))}
      {told.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
