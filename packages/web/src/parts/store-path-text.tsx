import { splitStorePath } from './store-path.ts';

/** A store path whose hash steps back behind its name; copied, it is whole. */
export function StorePathText({ path }: { path: string }) {
  const { prefix, name } = splitStorePath(path);
  return (
    <code class="store-path" title={path}>
      <span class="prefix">{prefix}</span>
      {name}
    </code>
  );
}
