import type { Metric, Output, Product } from '../api/v2.ts';
import { formatSize } from '../parts/size.ts';
import { StorePathText } from '../parts/store-path-text.tsx';

export function Outputs({ outputs }: { outputs: readonly Output[] }) {
  if (outputs.length === 0) return null;
  return (
    <section>
      <h2>Outputs</h2>
      <table class="rows pairs">
        <tbody>
          {outputs.map(({ name, path }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {path === null ? (
                  <span class="muted">not known before it is built</span>
                ) : (
                  <StorePathText path={path} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Products({ products }: { products: readonly Product[] }) {
  if (products.length === 0) return null;
  return (
    <section>
      <h2>Products</h2>
      <table class="rows products">
        <tbody>
          {products.map((product) => (
            <tr key={product.number}>
              <td class="name">
                {product.href === null ? (
                  product.name
                ) : (
                  <a data-row href={product.href}>
                    {product.name}
                  </a>
                )}
              </td>
              <td class="muted kind">
                {[product.type, product.subtype].filter(Boolean).join(' · ')}
              </td>
              <td class="number">
                {product.fileSize === null ? '' : formatSize(product.fileSize)}
              </td>
              <td class="hash">
                {product.sha256 === null ? null : <code title="SHA-256">{product.sha256}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Metrics({ metrics }: { metrics: readonly Metric[] }) {
  if (metrics.length === 0) return null;
  return (
    <section>
      <h2>Metrics</h2>
      <table class="rows pairs">
        <tbody>
          {metrics.map(({ name, value, unit }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {value.toLocaleString('en')} {unit}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
