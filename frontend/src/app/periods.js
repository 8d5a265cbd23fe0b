import { date, day, month, today as todayIn } from '../i18n/format.js';
import { t } from '../i18n/index.js';

/**
 * Periods as the API writes them (`2026`, `2026-Q4`, `2026-11`, `2026-W47`, `2026-11-23`, `this-month`), moved and named.
 * A fiscal year bears the name of the calendar year it ends in.
 * @typedef {'day'|'week'|'month'|'quarter'|'year'|'custom'} Kind
 * @typedef {{kind: Kind, start: string, end: string}} Period civil dates; `end` excluded
 */

/** First month of the company's fiscal year, 1 to 12. */
let fiscalStart = 1;
/** @param {number} startMonth */
export const setFiscalStart = (startMonth) => {
  fiscalStart = startMonth;
};

const DAY = 86_400_000;
/** @type {Record<string, number>} */
const MONTHS = { month: 1, quarter: 3, year: 12 };

/** @param {number} ms @returns {string} */
const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
/** @param {string} text @returns {number} */
const ms = (text) => Date.parse(`${text}T00:00:00Z`);
/** @param {number} year @param {number} index month from 0, any integer @returns {string} its first day */
const first = (year, index) => iso(Date.UTC(year, index, 1));
/** @param {string} text @param {number} n days */
export const addDays = (text, n) => iso(ms(text) + n * DAY);

/**
 * The whole unit that holds a day.
 * @param {string} at civil date @param {Exclude<Kind, 'custom'>} kind
 * @returns {Period}
 */
export function unitAt(at, kind) {
  if (kind === 'day') return { kind, start: at, end: addDays(at, 1) };
  if (kind === 'week') {
    const start = addDays(at, -((new Date(ms(at)).getUTCDay() + 6) % 7));
    return { kind, start, end: addDays(start, 7) };
  }
  const [year, index] = [Number(at.slice(0, 4)), Number(at.slice(5, 7)) - 1];
  const size = MONTHS[kind];
  const from = index - ((((index + 1 - fiscalStart) % size) + size) % size);
  return { kind, start: first(year, from), end: first(year, from + size) };
}

/** @param {Period} period @returns {string} as the API reads it */
export function writePeriod({ kind, start, end }) {
  const year = Number(start.slice(0, 4));
  if (kind === 'day') return start;
  if (kind === 'month') return start.slice(0, 7);
  if (kind === 'week') {
    const { week, year: weekYear } = isoWeek(start);
    return `${weekYear}-W${String(week).padStart(2, '0')}`;
  }
  if (kind === 'custom') return `${start}/${end}`;
  const named = fiscalYear(start);
  return kind === 'year' ? String(named) : `${named}-Q${quarterOf(start)}`;

  /** @param {string} at */
  function fiscalYear(at) {
    return fiscalStart > 1 && Number(at.slice(5, 7)) >= fiscalStart ? year + 1 : year;
  }
}

/** @param {string} start */
const quarterOf = (start) =>
  Math.floor(((((Number(start.slice(5, 7)) - fiscalStart) % 12) + 12) % 12) / 3) + 1;

/** @param {string} monday @returns {{week: number, year: number}} ISO 8601 */
export function isoWeek(monday) {
  const thursday = addDays(monday, 3);
  const year = Number(thursday.slice(0, 4));
  return { week: Math.floor((ms(thursday) - Date.UTC(year, 0, 1)) / DAY / 7) + 1, year };
}

/** @param {number} year @param {number} week @returns {string} its Monday */
function mondayOf(year, week) {
  const fourth = iso(Date.UTC(year, 0, 4));
  return addDays(unitAt(fourth, 'week').start, (week - 1) * 7);
}

/**
 * Reads a period of the address.
 * @param {string | null | undefined} text nothing means this month
 * @param {string} [today]
 * @returns {Period | null} null when it is of a form that cannot be moved (`last-30-days`), or no period at all
 */
export function readPeriod(text, today = todayIn()) {
  const value = text || 'this-month';
  const word = /^(this|last|next)-(week|month|quarter|year)$/.exec(value);
  if (word) {
    const now = unitAt(today, /** @type {any} */ (word[2]));
    return word[1] === 'this' ? now : shiftPeriod(now, word[1] === 'last' ? -1 : 1);
  }
  if (value === 'today') return unitAt(today, 'day');
  const m = /^(\d{4})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2}))?))?$/.exec(value);
  if (m) {
    const year = Number(m[1]);
    if (m[5]) return Number.isNaN(ms(value)) ? null : unitAt(value, 'day');
    if (m[4]) return Number(m[4]) >= 1 && Number(m[4]) <= 12 ? unitAt(`${value}-01`, 'month') : null;
    if (m[3]) return unitAt(mondayOf(year, Number(m[3])), 'week');
    const yearStart = first(fiscalStart > 1 ? year - 1 : year, fiscalStart - 1);
    if (!m[2]) return unitAt(yearStart, 'year');
    const from = Number(yearStart.slice(5, 7)) - 1 + (Number(m[2]) - 1) * 3;
    return unitAt(first(Number(yearStart.slice(0, 4)), from), 'quarter');
  }
  const range = /^(\d{4}-\d{2}-\d{2})\/(\d{4}-\d{2}-\d{2})$/.exec(value);
  return range && range[1] < range[2] ? { kind: 'custom', start: range[1], end: range[2] } : null;
}

/**
 * The period before or after, of the same kind; a chosen span moves by its own length.
 * @param {Period} period @param {number} n
 * @returns {Period}
 */
export function shiftPeriod({ kind, start, end }, n) {
  if (kind === 'custom') {
    const length = Math.round((ms(end) - ms(start)) / DAY);
    return { kind, start: addDays(start, length * n), end: addDays(end, length * n) };
  }
  if (kind === 'day' || kind === 'week') return unitAt(addDays(start, (kind === 'week' ? 7 : 1) * n), kind);
  return unitAt(first(Number(start.slice(0, 4)), Number(start.slice(5, 7)) - 1 + MONTHS[kind] * n), kind);
}

/**
 * A period in words: `nov. 2026`, `T4 2026`, `sem. 47 2026`, `du 5 janv. 2026 au 18 janv. 2026`.
 * @param {Period} period
 */
export function periodLabel(period) {
  const { kind, start, end } = period;
  if (kind === 'day') return day(start);
  if (kind === 'month') return month(start);
  if (kind === 'week') {
    const { week, year } = isoWeek(start);
    return t('scope.week_label', { week: String(week), year: String(year) });
  }
  if (kind === 'custom') return t('scope.range_label', { from: date(start), to: date(addDays(end, -1)) });
  const name = writePeriod(period).slice(0, 4);
  return kind === 'year' ? name : t('scope.quarter_label', { q: String(quarterOf(start)), year: name });
}
