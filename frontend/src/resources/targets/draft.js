import { signal } from '@preact/signals';
import { sameFigure } from './figures.js';

/**
 * What is changed and not saved yet, by sheet (a KPI and a year), so that a look elsewhere loses nothing.
 *
 * @typedef {{value: string | number | null, resolved: string | number | null, origin: string | null}} Cell
 * @typedef {{scope_kind: string, scope_id: string | null, name: string | null, editable: boolean, cells: Cell[],
 *   others: {period: string, value: string | number}[]}} Row
 * @typedef {{parent: Row | null, rows: Row[], sums: (string | number | null)[], gaps: (string | number | null)[]}} Group
 * @typedef {{period: string, starts_on: string, ends_on: string, working_days: number}} Month
 * @typedef {{kpi: string, year: number, level: string, unit: string, currency: string, adds_up: boolean, adds_over_months: boolean,
 *   ways: string[], periods: Month[], groups: Group[], filled: {scope_kind: string, scope_id: string | null, period: string, value: string | null}[]}} Grid
 * @typedef {Record<string, {value: string | null, was: string | number | null}>} Draft by `keyOf`; `was`: what stood when it was changed
 */

/** @param {{scope_kind: string, scope_id: string | null}} row @param {string} period */
export const keyOf = (row, period) => `${row.scope_kind}|${row.scope_id ?? ''}|${period}`;

/** @param {string} key @returns {{scope_kind: string, scope_id: string | null, period: string}} */
export function placeOf(key) {
  const [scope_kind, id, period] = key.split('|');
  return { scope_kind, scope_id: id || null, period };
}

/** @type {import('@preact/signals').Signal<Record<string, Draft>>} */
const drafts = signal({});
/** @type {Map<string, Draft[]>} */
const before = new Map();

/** @param {string} sheet @returns {Draft} */
export const draftOf = (sheet) => drafts.value[sheet] ?? {};

/** @returns {boolean} whether something would be lost with the page */
export const unsaved = () => Object.values(drafts.peek()).some((draft) => Object.keys(draft).length > 0);

/** @param {string} sheet @param {Draft} next */
const put = (sheet, next) => {
  drafts.value = { ...drafts.value, [sheet]: next };
};

/**
 * Changes cells; back to what stands, a cell is no change any more.
 * @param {string} sheet @param {Record<string, string | null>} values @param {Map<string, string | number | null>} standing what is saved
 */
export function change(sheet, values, standing) {
  const now = draftOf(sheet);
  const next = { ...now };
  for (const [key, value] of Object.entries(values)) {
    const was = now[key] ? now[key].was : (standing.get(key) ?? null);
    if (sameFigure(value, was)) delete next[key];
    else next[key] = { value, was };
  }
  before.set(sheet, [...(before.get(sheet) ?? []).slice(-49), now]);
  put(sheet, next);
}

/** Takes the last change back. @param {string} sheet @returns {boolean} whether there was one */
export function stepBack(sheet) {
  const steps = before.get(sheet);
  const last = steps?.pop();
  if (last) put(sheet, last);
  return !!last;
}

/** @param {string} sheet saved, or thrown away */
export function clear(sheet) {
  before.delete(sheet);
  put(sheet, {});
}

/** What the API is to save. @param {Draft} draft */
export const cellsOf = (draft) =>
  Object.entries(draft).map(([key, { value, was }]) => ({
    ...placeOf(key),
    value,
    was: was === null ? null : String(was),
  }));

/** @param {Grid} grid @returns {Row[]} from top to bottom, as they are drawn */
export const rowsOf = (grid) =>
  grid.groups.flatMap((group) => [...(group.parent ? [group.parent] : []), ...group.rows]);

/** @param {Grid} grid @returns {Map<string, string | number | null>} what is set, by cell */
export const standingOf = (grid) =>
  new Map(
    rowsOf(grid).flatMap((row) =>
      grid.periods.map((one, i) => /** @type {const} */ ([keyOf(row, one.period), row.cells[i].value])),
    ),
  );
