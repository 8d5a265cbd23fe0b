import { t } from '../i18n/index.js';
import { Icon } from './Icon.jsx';

/**
 * @typedef {{key: string, label: string, numeric?: boolean, sortable?: boolean, short?: string, render?: (row: any, index: number) => import('preact').ComponentChildren,
 *   sum?: import('preact').ComponentChildren, wide?: boolean, class?: string, hideLabel?: boolean, exact?: (row: any) => string | undefined}} Column
 *   the first column names the row; `short`: its label on a phone; `sum`: its total, as the API sends it; `wide`: left out on a phone when the table stays a table;
 *   `exact`: tooltip with the whole value
 * @typedef {{caption: string, columns: Column[], rows: any[], rowKey?: (row: any) => string, sort?: string, onSort?: (sort: string) => void,
 *   href?: (row: any) => string | undefined, onOpen?: (row: any) => void, selected?: Set<string>, onSelect?: (selected: Set<string>) => void,
 *   sums?: 'head' | 'foot', sumLabel?: string, phone?: 'cards' | 'table', rowClass?: (row: any) => string, rowLabel?: (row: any) => string,
 *   class?: string}} DataTableProps
 *   `sort`: as in the API, `-amount` for descending; `href` makes the first cell a link, `onOpen` takes over a plain press on it
 */

/**
 * A table of records: sortable headers, totals, selection, arrow keys between rows; cards on a phone.
 * @param {DataTableProps} props
 */
export function DataTable(props) {
  const {
    caption,
    columns,
    rows,
    rowKey = (row) => row.id,
    sums,
    phone = 'cards',
    selected,
    onSelect,
  } = props;
  const totals = columns.some((column) => column.sum !== undefined);
  const keys = rows.map(rowKey);
  const all = !!selected && keys.length > 0 && keys.every((key) => selected.has(key));
  const sumRow = totals ? <SumRow {...props} selects={!!selected} /> : null;
  return (
    <div class={`table-box ${phone} ${props.class ?? ''}`} onKeyDown={moveBetweenRows} role="presentation">
      <table class="table">
        <caption class="vh">{caption}</caption>
        <thead>
          <tr>
            {selected ? (
              <th scope="col" class="pick">
                <input
                  type="checkbox"
                  aria-label={t('ui.select_all')}
                  checked={all}
                  onChange={() => onSelect?.(all ? new Set() : new Set([...selected, ...keys]))}
                />
              </th>
            ) : null}
            {columns.map((column) => (
              <Header key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
          {sums === 'head' ? sumRow : null}
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <Row key={keys[i]} {...props} row={row} index={i} id={keys[i]} />
          ))}
        </tbody>
        {sumRow && sums !== 'head' ? <tfoot>{sumRow}</tfoot> : null}
      </table>
    </div>
  );
}

/** @param {Column} column */
const cellClass = (column) =>
  `${column.numeric ? 'num' : ''} ${column.wide ? 'wide' : ''} ${column.class ?? ''}`.trim();

/** @param {Column} column */
const named = (column) =>
  column.short ? (
    <>
      <span class="brief">{column.short}</span>
      <span>{column.label}</span>
    </>
  ) : (
    column.label
  );

/** @param {{column: Column, sort?: string, onSort?: (sort: string) => void}} props */
function Header({ column, sort = '', onSort }) {
  const down = sort === `-${column.key}`;
  const on = down || sort === column.key;
  const text = column.hideLabel ? <span class="vh">{column.label}</span> : named(column);
  if (!column.sortable || !onSort)
    return (
      <th scope="col" class={cellClass(column)}>
        {text}
      </th>
    );
  const next = on ? !down : !!column.numeric;
  return (
    <th
      scope="col"
      class={cellClass(column)}
      aria-sort={on ? (down ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        class={`sorter ${on ? 'on' : ''}`}
        title={t(next ? 'ui.sort_down' : 'ui.sort_up', { label: column.label })}
        onClick={() => onSort(next ? `-${column.key}` : column.key)}
      >
        {text}
        <Icon name={on && !down ? 'up' : 'down'} size={12} />
      </button>
    </th>
  );
}

/** @param {DataTableProps & {row: any, index: number, id: string}} props */
function Row({ row, index, id, columns, href, onOpen, selected, onSelect, rowClass, rowLabel }) {
  const link = href?.(row);
  const show = (/** @type {Column} */ column) =>
    column.render ? column.render(row, index) : (row[column.key] ?? '');
  const toggle = () => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect?.(next);
  };
  return (
    <tr class={`${rowClass?.(row) ?? ''} ${selected?.has(id) ? 'selected' : ''}`}>
      {selected ? (
        <td class="pick">
          <input
            type="checkbox"
            checked={selected.has(id)}
            onChange={toggle}
            aria-label={t('ui.select_row', { label: rowLabel?.(row) ?? String(row[columns[0].key] ?? '') })}
          />
        </td>
      ) : null}
      {columns.map((column, i) => {
        const name = cellClass(column);
        if (i > 0)
          return (
            <td key={column.key} class={name} data-label={column.label} title={column.exact?.(row)}>
              {show(column)}
            </td>
          );
        return (
          <th key={column.key} scope="row" class={name} title={column.exact?.(row)}>
            {link || onOpen ? (
              <a
                class="row-link"
                href={link ?? '#'}
                data-row
                onClick={(event) => {
                  if (!onOpen || event.ctrlKey || event.metaKey || event.shiftKey) return;
                  event.preventDefault();
                  onOpen(row);
                }}
              >
                {show(column)}
              </a>
            ) : (
              show(column)
            )}
          </th>
        );
      })}
    </tr>
  );
}

/** @param {DataTableProps & {selects: boolean}} props */
function SumRow({ columns, sumLabel, selects }) {
  return (
    <tr class="sum">
      {selects ? <td class="pick" /> : null}
      {columns.map((column, i) =>
        i === 0 ? (
          <th key={column.key} scope="row" class={cellClass(column)}>
            {column.sum ?? sumLabel ?? t('ui.total')}
          </th>
        ) : (
          <td key={column.key} class={cellClass(column)} data-label={column.label}>
            {column.sum}
          </td>
        ),
      )}
    </tr>
  );
}

/** Up and down move from row to row; space ticks the row. @param {KeyboardEvent & {currentTarget: HTMLElement}} event */
function moveBetweenRows(event) {
  const from = /** @type {HTMLElement} */ (event.target);
  if (!from.matches('[data-row]')) return;
  if (event.key === ' ') {
    event.preventDefault();
    /** @type {HTMLElement | null | undefined} */ (from.closest('tr')?.querySelector('.pick input'))?.click();
    return;
  }
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  const links = /** @type {HTMLElement[]} */ ([...event.currentTarget.querySelectorAll('[data-row]')]);
  links[links.indexOf(from) + step]?.focus();
}
