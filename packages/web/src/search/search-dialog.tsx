import type { RefObject } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useRef, useState } from 'preact/hooks';
import { findEverything } from './find-everything.ts';
import type { Finding } from './find-everything.ts';

// Long enough not to ask at every letter, short enough not to be felt.
const typingMilliseconds = 150;

/** The dialog that `/` opens: builds, jobs, derivations and builders by a part of their names. */
export function SearchDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const { route } = useLocation();
  const [words, setWords] = useState('');
  const found = useFindings(words);
  const findings = found ?? [];
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const open = (address: string): void => {
    dialog.current?.close();
    route(address);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => setChosen(Math.min(chosen + 1, findings.length - 1)),
    ArrowUp: () => setChosen(Math.max(chosen - 1, 0)),
    Enter: () => {
      const finding = findings[chosen];
      if (finding !== undefined) open(finding.address);
    },
  };
  return (
    <dialog
      ref={dialog}
      class="search-dialog"
      aria-label="Search everything"
      onClose={() => {
        setWords('');
        if (field.current !== null) field.current.value = '';
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) dialog.current?.close();
      }}
    >
      <input
        ref={field}
        type="text"
        role="combobox"
        placeholder="Builds, jobs, derivations, builders"
        aria-label="Search everything"
        aria-expanded={findings.length > 0}
        aria-controls="findings"
        aria-activedescendant={findings.length > 0 ? `finding-${chosen}` : undefined}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setWords(event.currentTarget.value.trim());
          setChosen(0);
        }}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (act === undefined) return;
          event.preventDefault();
          act();
        }}
      />
      <ul id="findings" role="listbox" aria-label="Found">
        {findings.map((finding, index) => (
          <FindingRow
            key={finding.address + finding.name}
            finding={finding}
            id={`finding-${index}`}
            isChosen={index === chosen}
            onOpen={() => open(finding.address)}
          />
        ))}
      </ul>
      {found?.length === 0 ? <p class="muted">Nothing is called like that.</p> : null}
    </dialog>
  );
}

function FindingRow(props: {
  readonly finding: Finding;
  readonly id: string;
  readonly isChosen: boolean;
  readonly onOpen: () => void;
}) {
  const { finding, id, isChosen, onOpen } = props;
  return (
    <li id={id} role="option" aria-selected={isChosen} onClick={onOpen}>
      <span class="kind">{finding.kind}</span> <b>{finding.name}</b>{' '}
      <span class="muted">{finding.remark}</span>
    </li>
  );
}

/** What is called like the words; that of the last words stays until it has come. Null: nothing was answered yet. */
function useFindings(words: string): readonly Finding[] | null {
  const [findings, setFindings] = useState<readonly Finding[] | null>(null);
  useEffect(() => {
    if (words === '') {
      setFindings(null);
      return undefined;
    }
    const stop = new AbortController();
    const find = async (): Promise<void> => {
      const found = await findEverything(words, stop.signal);
      if (!stop.signal.aborted) setFindings(found);
    };
    const timer = setTimeout(() => void find(), typingMilliseconds);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);
  return findings;
}
