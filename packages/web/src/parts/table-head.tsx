/** A column by its name, or by how its cells are set: numbers to the right, a picture with a name that is only heard. */
type Column = string | { readonly number: string } | { readonly picture: string };

/** The names of a table's columns. */
export function TableHead({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column, index) => (
          <ColumnHead key={index} column={column} />
        ))}
      </tr>
    </thead>
  );
}

function ColumnHead({ column }: { column: Column }) {
  if (typeof column === 'string') return <th scope="col">{column}</th>;
  if ('number' in column) {
    return (
      <th scope="col" class="number">
        {column.number}
      </th>
    );
  }
  return (
    <th scope="col" class="picture">
      <span class="unseen">{column.picture}</span>
    </th>
  );
}
