import type { BuilderFacts } from '../../farm/facts.ts';
import { slowdownOf } from './ledger.ts';
import type { ReplayResult } from './ledger.ts';

const width = 960;
/** Beside it, for what is said of an evaluation that ends last. */
const labelWidth = 230;
const barHeight = 18;
const loadHeight = 160;
/** Points of the curve of busy slots: more would fall on the same pixel. */
const samples = 480;

/** A page that needs nothing else: busy slots over time, and what became of each evaluation, for each policy. */
export function drawChart(
  title: string,
  builders: readonly BuilderFacts[],
  replays: readonly { readonly policy: string; readonly result: ReplayResult }[],
): string {
  const longest = Math.max(...replays.map(({ result }) => result.makespan), 1);
  const slots = builders.reduce((sum, builder) => sum + builder.slots, 0);
  const sections = replays.map(({ policy, result }) => drawReplay(policy, result, slots, longest));
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>
:root { color-scheme: light dark; --busy: #4a7bb7; --bar: #7aa874; --ideal: #2f5d3a; --rule: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; } text { font-size: 12px; fill: currentColor; }
h2 { margin: 2.5rem 0 0; } p { margin: 0.2rem 0 0.8rem; }
</style>
<h1>${escape(title)}</h1>
<p>Above: busy slots of ${slots}. Below: evaluations from when they were asked for to their end; the dark part is what each would have taken alone.</p>
${sections.join('\n')}
</html>
`;
}

function drawReplay(policy: string, result: ReplayResult, slots: number, longest: number): string {
  const bars = result.evaluations.map((evaluation, index) => {
    const y = loadHeight + 34 + index * (barHeight + 4);
    const x = (seconds: number): number => round((seconds / longest) * width);
    const length = Math.max(x(evaluation.doneAt) - x(evaluation.at), 1);
    const ideal = Math.min(Math.max(x(evaluation.ideal), 1), length);
    const label = `${evaluation.builds} builds, ${hours(evaluation.doneAt - evaluation.at)}, ${slowdownOf(evaluation).toFixed(1)} × alone`;
    return `<g><title>evaluation ${index + 1}: ${label}</title>
<rect x="${x(evaluation.at)}" y="${y}" width="${length}" height="${barHeight}" fill="var(--bar)" rx="2"/>
<rect x="${x(evaluation.at)}" y="${y}" width="${ideal}" height="${barHeight}" fill="var(--ideal)" rx="2"/>
<text x="${x(evaluation.doneAt) + 4}" y="${y + 13}">${label}</text></g>`;
  });
  const height = loadHeight + 40 + result.evaluations.length * (barHeight + 4);
  return `<h2>${escape(policy)}</h2>
<p>${hours(result.makespan)} in all, ${(result.makespan / result.lowerBound).toFixed(2)} × the least possible; mean turnaround ${hours(result.meanTurnaround)}, worst slowdown ${result.worstSlowdown.toFixed(1)}</p>
<svg viewBox="0 0 ${width + labelWidth} ${height}" role="img" aria-label="busy slots and evaluations over time">
<path d="${loadCurve(result, slots, longest)}" fill="var(--busy)"/>
${hourMarks(longest, height)}
${bars.join('\n')}
</svg>`;
}

function loadCurve({ runs }: ReplayResult, slots: number, longest: number): string {
  const busy = new Float64Array(samples);
  const step = longest / samples;
  for (const { start, end } of runs) {
    for (let index = Math.floor(start / step); index < samples && index * step < end; index += 1) {
      const from = Math.max(start, index * step);
      const to = Math.min(end, (index + 1) * step);
      busy[index] = (busy[index] ?? 0) + Math.max(to - from, 0) / step;
    }
  }
  const points = [...busy].map((count, index) => {
    const y = round(loadHeight - (count / Math.max(slots, 1)) * (loadHeight - 10));
    return `L${round((index / samples) * width)} ${y}`;
  });
  return `M0 ${loadHeight}${points.join('')}L${width} ${loadHeight}Z`;
}

function hourMarks(longest: number, height: number): string {
  const marks = 8;
  return Array.from({ length: marks + 1 }, (_, index) => {
    const x = round((index / marks) * width);
    return `<line x1="${x}" x2="${x}" y1="0" y2="${height}" stroke="var(--rule)"/><text x="${x + 3}" y="${loadHeight + 16}">${hours((index / marks) * longest)}</text>`;
  }).join('\n');
}

const hours = (seconds: number): string =>
  seconds < 3_600 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3_600).toFixed(1)} h`;

const round = (value: number): number => Math.round(value * 10) / 10;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
