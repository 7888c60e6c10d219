import type { ComponentChildren } from 'preact';

/** A form that gives its fields away and leads to no other page. */
export function Form({
  class: name,
  onFields,
  children,
}: {
  class: string;
  onFields: (fields: FormData) => Promise<void>;
  children: ComponentChildren;
}) {
  return (
    <form
      class={name}
      onSubmit={(event) => {
        event.preventDefault();
        void onFields(new FormData(event.currentTarget));
      }}
    >
      {children}
    </form>
  );
}
