/**
 * @typedef {{key: string, label: string, format?: (value: any, row: any) => import('preact').ComponentChildren, numeric?: boolean}} ChartColumn
 * @typedef {{columns: ChartColumn[], rows: Record<string, any>[]}} ChartData the first column names the row
 */

/**
 * The figures of a chart, exact, as a table.
 * @param {{data: ChartData, caption: string}} props
 */
export function ChartTable({ data, caption }) {
  const show = (/** @type {ChartColumn} */ column, /** @type {Record<string, any>} */ row) =>
    column.format ? column.format(row[column.key], row) : row[column.key];
  const [head, ...others] = data.columns;
  return (
    <div class="chart-table" role="group" aria-label={caption} tabIndex={0}>
      <table class="table">
        <caption class="vh">{caption}</caption>
        <thead>
          <tr>
            {data.columns.map((column) => (
              <th key={column.key} scope="col" class={column.numeric ? 'num' : ''}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, i) => (
            <tr key={i}>
              <th scope="row">{show(head, row)}</th>
              {others.map((column) => (
                <td key={column.key} class={column.numeric ? 'num' : ''}>
                  {show(column, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
