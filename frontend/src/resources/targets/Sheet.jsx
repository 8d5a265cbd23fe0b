import { useState } from 'preact/hooks';
import { month } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Select } from '../../ui/Field.jsx';
import { usePhone } from '../../ui/hooks.js';
import { Cell } from './Cell.jsx';
import { keyOf, rowsOf, stepBack } from './draft.js';
import { pasted, readFigure, shift, shownFigure } from './figures.js';

/**
 * @typedef {{sheet: ReturnType<typeof import('./useSheet.js').useSheet>, way: string, wrong: Set<string>, onWrong: (key: string, wrong: boolean) => void}} Props
 */

/** The grid: the year first, then its months; each group under its parent, with its sum and the gap. @param {Props} props */
export function Sheet(props) {
  const phone = usePhone();
  return phone ? <OneHolder {...props} /> : <Whole {...props} />;
}

/** Columns as drawn: the year, then the months; `place` is theirs in the API's cells. @param {import('./draft.js').Grid} grid */
const columnsOf = (grid) => {
  const columns = grid.periods.map((one, place) => ({
    ...one,
    place,
    year: place === grid.periods.length - 1,
  }));
  return [columns[columns.length - 1], ...columns.slice(0, -1)];
};
/** @typedef {ReturnType<typeof columnsOf>[number]} Column */

/** @param {Column} column */
const headOf = (column) => (column.year ? t('targets.year') : month(column.starts_on).split(/\s/)[0]);

/** @param {import('./draft.js').Row} row */
const nameOf = (row) => row.name ?? t(`targets.level_${row.scope_kind}`);

/** @param {string | number | null | undefined} gap */
const isGap = (gap) => gap !== null && gap !== undefined && shift(String(gap), 0) !== '0';

/**
 * Writes a block of figures from a cell on; a year is spread over its months.
 * @param {Props} props @param {[import('./draft.js').Row, Column, string | null][]} cells
 */
function write({ sheet, way }, cells) {
  /** @type {Record<string, string | null>} */
  const plain = {};
  /** @type {Record<string, string | null>} */
  const years = {};
  for (const [row, column, value] of cells)
    if (row.editable) (column.year && way ? years : plain)[keyOf(row, column.period)] = value;
  if (Object.keys(plain).length) sheet.put(plain);
  if (Object.keys(years).length) sheet.spread(years, way);
}

/** @param {Props & {row: import('./draft.js').Row, column: Column, at: [number, number], label: string}} props */
function Figure({ sheet, way, wrong, onWrong, row, column, at, label }) {
  const grid = /** @type {import('./draft.js').Grid} */ (sheet.grid);
  const key = keyOf(row, column.period);
  const cell = row.cells[column.place];
  const value = key in sheet.draft ? sheet.draft[key].value : cell.value;
  if (!row.editable) return <span class="figure">{shownFigure(cell.resolved, grid.unit)}</span>;
  return (
    <Cell
      label={label}
      unit={grid.unit}
      value={value}
      resolved={cell.resolved}
      origin={cell.origin}
      changed={key in sheet.draft}
      row={at[0]}
      column={at[1]}
      onPut={(next) => write({ sheet, way, wrong, onWrong }, [[row, column, next]])}
      onWrong={(is) => onWrong(key, is)}
    />
  );
}

/** @param {Props} props */
function Whole(props) {
  const grid = /** @type {import('./draft.js').Grid} */ (props.sheet.grid);
  const columns = columnsOf(grid);
  const rows = rowsOf(grid);

  const onPaste = (/** @type {ClipboardEvent} */ event) => {
    const text = event.clipboardData?.getData('text') ?? '';
    const from = placeOf(event.target);
    if (!from || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const found = pasted(text).flatMap((line, down) =>
      line.flatMap((typed, right) => {
        const row = rows[from[0] + down];
        const column = columns[from[1] + right];
        const read = readFigure(typed, grid.unit);
        if (!row || !column || 'error' in read) return [];
        return [/** @type {[import('./draft.js').Row, Column, string | null]} */ ([row, column, read.value])];
      }),
    );
    write(props, found);
  };
  let line = -1;
  return (
    <div class="sheet-box" tabIndex={-1}>
      <table class="table sheet" onKeyDown={(event) => move(event, props.sheet.name)} onPaste={onPaste}>
        <caption class="vh">{t('targets.caption', { year: String(grid.year) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t(`targets.level_${grid.level}`)}</th>
            {columns.map((column) => (
              <th key={column.period} scope="col" class="num">
                {headOf(column)}
                <small>{t('targets.working_days', { n: column.working_days })}</small>
              </th>
            ))}
          </tr>
        </thead>
        {grid.groups.map((group, i) => (
          <tbody key={group.parent?.scope_id ?? i}>
            {[...(group.parent ? [group.parent] : []), ...group.rows].map((row) => {
              line += 1;
              const at = line;
              return (
                <tr key={keyOf(row, '')} class={row === group.parent ? 'parent' : ''}>
                  <th scope="row">
                    <span class="clip">{nameOf(row)}</span>
                    {row.others.map((one) => (
                      <small key={one.period}>
                        {t('targets.also', { period: one.period, value: shownFigure(one.value, grid.unit) })}
                      </small>
                    ))}
                  </th>
                  {columns.map((column, across) => (
                    <td key={column.period}>
                      <Figure
                        {...props}
                        row={row}
                        column={column}
                        at={[at, across]}
                        label={`${nameOf(row)}, ${headOf(column)}`}
                      />
                    </td>
                  ))}
                </tr>
              );
            })}
            <Sums group={group} grid={grid} columns={columns} />
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** What the parts add up to, and how far the parent is from it: said, never forced. @param {{group: import('./draft.js').Group, grid: import('./draft.js').Grid, columns: Column[]}} props */
function Sums({ group, grid, columns }) {
  if (!grid.adds_up || (!group.parent && group.rows.length < 2)) return null;
  return (
    <>
      <tr class="sum">
        <th scope="row">{t('targets.sum')}</th>
        {columns.map((column) => (
          <td key={column.period} class="num">
            {shownFigure(group.sums[column.place], grid.unit)}
          </td>
        ))}
      </tr>
      {group.gaps.some(isGap) ? (
        <tr class="gap">
          <th scope="row" title={t('targets.gap_help')}>
            {t('targets.gap')}
          </th>
          {columns.map((column) => {
            const gap = group.gaps[column.place];
            return (
              <td key={column.period} class={`num ${isGap(gap) ? 'warn' : ''}`}>
                {isGap(gap) ? shownFigure(gap, grid.unit, { sign: true }) : '='}
              </td>
            );
          })}
        </tr>
      ) : null}
    </>
  );
}

/** On a phone: one holder at a time, the months down. @param {Props} props */
function OneHolder(props) {
  const grid = /** @type {import('./draft.js').Grid} */ (props.sheet.grid);
  const rows = rowsOf(grid);
  const [chosen, setChosen] = useState('');
  const row = rows.find((one) => keyOf(one, '') === chosen) ?? rows[0];
  const group = grid.groups.find((one) => one.parent === row || one.rows.includes(row));
  if (!row || !group) return null;
  return (
    <div class="stack panel-body">
      <Select
        label={t('targets.holder')}
        value={keyOf(row, '')}
        onChange={setChosen}
        options={rows.map((one) => ({ value: keyOf(one, ''), label: nameOf(one) }))}
      />
      <table class="table sheet" onKeyDown={(event) => move(event, props.sheet.name)}>
        <caption class="vh">{t('targets.caption', { year: String(grid.year) })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('targets.period')}</th>
            <th scope="col" class="num">
              {t('targets.one')}
            </th>
            <th scope="col" class="num">
              {t(group.parent === row ? 'targets.gap' : 'targets.sum')}
            </th>
          </tr>
        </thead>
        <tbody>
          {columnsOf(grid).map((column, down) => {
            const gap = group.gaps[column.place];
            return (
              <tr key={column.period} class={column.year ? 'parent' : ''}>
                <th scope="row">{headOf(column)}</th>
                <td>
                  <Figure
                    {...props}
                    key={`${keyOf(row, '')}${column.period}`}
                    row={row}
                    column={column}
                    at={[down, 0]}
                    label={`${nameOf(row)}, ${headOf(column)}`}
                  />
                </td>
                <td class={`num ${group.parent === row && isGap(gap) ? 'warn' : ''}`}>
                  {group.parent === row
                    ? isGap(gap)
                      ? shownFigure(gap, grid.unit, { sign: true })
                      : '='
                    : shownFigure(group.sums[column.place], grid.unit)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** @param {EventTarget | null} target @returns {[number, number] | null} */
function placeOf(target) {
  const place = target instanceof HTMLElement ? target.dataset.cell : undefined;
  return place ? /** @type {[number, number]} */ (place.split(':').map(Number)) : null;
}

/** Arrows, Enter and Ctrl+Z, as in a spreadsheet. @param {KeyboardEvent & {currentTarget: HTMLElement}} event @param {string} name */
function move(event, name) {
  const from = placeOf(event.target);
  if (!from || event.altKey) return;
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
    if (stepBack(name)) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  const [row, column] = from;
  const { selectionStart: start, selectionEnd: end, value } = input;
  const whole = start === 0 && end === value.length;
  /** @type {Record<string, [number, number] | null>} */
  const steps = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    Enter: [row + (event.shiftKey ? -1 : 1), column],
    ArrowLeft: whole || (start === 0 && end === 0) ? [row, column - 1] : null,
    ArrowRight: whole || start === value.length ? [row, column + 1] : null,
  };
  const to = steps[event.key];
  if (!to || (event.shiftKey && event.key !== 'Enter')) return;
  event.preventDefault();
  /** @type {HTMLElement | null} */ (
    event.currentTarget.querySelector(`[data-cell="${to.join(':')}"]`)
  )?.focus();
}
