/** How much of something is in use: a number to read and a bar to compare. */
export function Gauge(props: {
  readonly name: string;
  /** Of 100. */
  readonly percent: number | null;
  readonly told: string;
  /** From here on it is worth a warning. */
  readonly warnFrom?: number;
}) {
  const { name, percent, told, warnFrom = 90 } = props;
  if (percent === null) return <span class="muted">–</span>;
  const tone = percent >= warnFrom ? 'gauge warn' : 'gauge';
  return (
    <span class={tone} title={`${name}: ${told}`}>
      <span class="gauge-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.max(0, percent))}%` }} />
      </span>
      <span class="gauge-text">
        <span class="gauge-name">{name} </span>
        {told}
      </span>
    </span>
  );
}
