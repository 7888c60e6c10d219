import { render } from 'preact';
import type { ComponentChild } from 'preact';
import type { QueuedStep } from '../api/v2.ts';
import { secondsOf } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { StatusMark } from '../status/status-mark.tsx';
import { now } from '../time/clock.ts';
import { formatAge } from '../time/duration.ts';
import { jobsetsText, wordsOfReason } from './reasons.ts';
import type { PooledRow } from './row-pool.ts';

/** What is in a row of the queue. */
export type RowContent =
  /** Undefined: it has not come yet. */
  | { readonly type: 'step'; readonly step: QueuedStep | undefined }
  | ({ readonly type: 'heading' } & Heading);

type Heading = {
  readonly group: string;
  readonly name: string;
  readonly steps: number;
  readonly isOpen: boolean;
};

/**
 * A row whose elements are made once and then written over: eight rows change with every picture of a list that scrolls
 * fast, and there is no time to make and compare them.
 */
export function makeQueueRow(contentOf: (row: number) => RowContent | undefined): PooledRow {
  const element = document.createElement('div');
  element.className = 'row';
  element.role = 'row';
  let step: Cells<QueuedStep | undefined> | undefined;
  let heading: Cells<Heading> | undefined;
  const fill = <Content,>({ cells, fill }: Cells<Content>, content: Content): void => {
    if (cells[0]?.parentNode !== element) element.replaceChildren(...cells);
    fill(content);
  };
  return {
    element,
    show(row) {
      const content = contentOf(row);
      if (content === undefined) return;
      write(element, 'aria-rowindex', String(row + 2));
      if (content.type === 'step') fill((step ??= makeStepCells()), content.step);
      else fill((heading ??= makeHeadingCell()), content);
    },
  };
}

type Cells<Content> = {
  readonly cells: readonly Node[];
  readonly fill: (content: Content) => void;
};

const stepCells = drawnOnce(
  <>
    <span role="cell" class="cell reason" />
    <span role="cell" class="cell name">
      <a data-row />
    </span>
    <span role="cell" class="cell system" />
    <span role="cell" class="cell jobset" />
    <span role="cell" class="cell inputs">
      <span />
      <time />
    </span>
  </>,
);

function makeStepCells(): Cells<QueuedStep | undefined> {
  const cells = stepCells();
  const [reason, name, system, jobset, last] = cells;
  const link = name?.firstElementChild;
  const [inputs, since] = last?.children ?? [];
  let shown: QueuedStep | undefined;
  return {
    cells,
    fill(step) {
      if (step !== shown || step === undefined) {
        mark(reason, step?.reason);
        tell(link, step?.name ?? '…');
        write(link, 'href', step?.build == null ? null : `/builds/${step.build}`);
        write(link, 'title', step?.derivation ?? null);
        tell(system, step?.system ?? '');
        tell(jobset, step === undefined ? '' : jobsetsText(step));
        tell(inputs, inputsText(step?.inputs ?? 0));
        write(since, 'datetime', sinceOf(step));
        shown = step;
      }
      const at = sinceOf(step);
      tell(since, at === null ? '' : formatAge(now.peek() - secondsOf(at)));
    },
  };
}

const inputsText = (inputs: number): string =>
  inputs === 0 ? '' : inputs === 1 ? '1 input' : `${inputs} inputs`;

const sinceOf = (step: QueuedStep | undefined): string | null =>
  step?.inputs === 0 ? step.since : null;

const headingCell = drawnOnce(
  <span role="cell" class="cell heading">
    <button type="button" data-row>
      <span class="turn" aria-hidden="true">
        ▸
      </span>{' '}
      <b /> <span class="count" />
    </button>
  </span>,
);

function makeHeadingCell(): Cells<Heading> {
  const cells = headingCell();
  const button = cells[0]?.firstElementChild;
  return {
    cells,
    fill({ group, name, steps, isOpen }) {
      write(button, 'data-group', group);
      write(button, 'aria-expanded', String(isOpen));
      tell(button?.querySelector('b'), name);
      tell(button?.querySelector('.count'), formatCount(steps));
    },
  };
}

/** Makes copies of what is drawn the first time. */
function drawnOnce(drawing: ComponentChild): () => readonly Element[] {
  let drawn: DocumentFragment | undefined;
  return () => {
    if (drawn === undefined) render(drawing, (drawn = document.createDocumentFragment()));
    const copy = document.importNode(drawn, true);
    return [...copy.children];
  };
}

const marks = new Map<string, () => readonly Element[]>();

/** Draws what a step waits for, unless it is drawn there. */
function mark(cell: Element | undefined, reason: string | undefined): void {
  if (cell === undefined || cell.getAttribute('data-reason') === (reason ?? '')) return;
  cell.setAttribute('data-reason', reason ?? '');
  if (reason === undefined) return cell.replaceChildren();
  let make = marks.get(reason);
  if (make === undefined) {
    make = drawnOnce(<StatusMark {...wordsOfReason(reason)} />);
    marks.set(reason, make);
  }
  cell.replaceChildren(...make());
}

// What is the same is not written: the browser would lay it out again.

function tell(element: Element | null | undefined, text: string): void {
  const known = element?.firstChild;
  if (known instanceof Text) {
    if (known.data !== text) known.data = text;
  } else if (text !== '') element?.append(text);
}

function write(element: Element | null | undefined, name: string, value: string | null): void {
  if (element == null || element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
