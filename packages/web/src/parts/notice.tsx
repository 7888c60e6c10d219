import type { ComponentChildren } from 'preact';
import type { RequestFailure } from '../api/request.ts';

/** A friendly word where there is nothing to show. */
export function Notice({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="notice">
      <p class="title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  );
}

/** Why something is missing or may be old. */
export function FailureNotice({ failure }: { failure: RequestFailure | undefined }) {
  if (failure === undefined) return null;
  return (
    <p class="failure-notice" role="alert">
      {failure.message} {failure.passes ? 'Trying again.' : null}
    </p>
  );
}
