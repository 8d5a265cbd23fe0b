import { signal } from '@preact/signals';
import { LOCALES, language } from './index.js';

/**
 * Numbers, money and dates as they are read: at most four significant digits; the exact value is for tooltips and tables.
 * Money arrives as a decimal string and is never added up here.
 * @typedef {string | number | null | undefined} Amount
 */

/** Time zone of the company: every instant is shown in it, whoever looks. */
export const timeZone = signal('Europe/Paris');

/** Currency of the company, used when an amount has none of its own. */
export const currency = signal('EUR');

/** What is written for an unknown value. */
export const UNKNOWN = '–';

const MINUS = '\u2212';
/** @type {Map<string, any>} */
const made = new Map();

/** @param {Intl.NumberFormatOptions} options */
function numberFormat(options) {
  const locale = LOCALES[language.value];
  const key = `n${locale}${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Intl.NumberFormat(locale, options));
  return /** @type {Intl.NumberFormat} */ (made.get(key));
}

/** @param {Intl.DateTimeFormatOptions} options */
function dateFormat(options) {
  const locale = LOCALES[language.value];
  const key = `d${locale}${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(locale, options));
  return /** @type {Intl.DateTimeFormat} */ (made.get(key));
}

/** @param {Amount} value @returns {value is string | number} */
const known = (value) =>
  value !== null && value !== undefined && value !== '' && !Number.isNaN(Number(value));

/** @param {string} code @returns {string} the sign of a currency: € */
function sign(code) {
  const part = numberFormat({ style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' })
    .formatToParts(1)
    .find((p) => p.type === 'currency');
  return part?.value ?? code;
}

/**
 * A number.
 * @param {Amount} value
 * @param {{digits?: number, sign?: boolean}} [options] `digits`: fraction digits, exactly; `sign`: write + too
 */
export function number(value, { digits = 0, sign: signed = false } = {}) {
  if (!known(value)) return UNKNOWN;
  return numberFormat({
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: signed ? 'exceptZero' : 'negative',
  })
    .format(/** @type {any} */ (value))
    .replace('-', MINUS);
}

/** Steps of a compact amount: from how much on, divided by what, with which unit in each language. */
const STEPS = [
  { below: 999.5, unit: 1, fr: '', en: '' },
  { below: 9_999_500, unit: 1e3, fr: 'k', en: 'k' },
  { below: 9_999_500_000, unit: 1e6, fr: 'M', en: 'm' },
  { below: Number.POSITIVE_INFINITY, unit: 1e9, fr: 'Md', en: 'bn' },
];

/**
 * Pieces of a compact amount, for a tile that writes the unit smaller: `412` + `k€`, or `€` + `412` + `k`.
 * @param {Amount} value
 * @param {string} [code] ISO 4217
 * @returns {{before: string, number: string, after: string}}
 */
export function moneyParts(value, code = currency.value) {
  if (!known(value)) return { before: '', number: UNKNOWN, after: '' };
  const amount = Number(value);
  const size = Math.abs(amount);
  const step = /** @type {typeof STEPS[number]} */ (STEPS.find((s) => size < s.below));
  const scaled = amount / step.unit;
  const text = number(scaled, { digits: digitsOf(Math.abs(scaled), step.unit) });
  const unit = step[language.value];
  if (language.value === 'en') return { before: sign(code), number: text, after: unit };
  return { before: '', number: text, after: `${unit}${sign(code)}` };
}

/** @param {number} scaled @param {number} unit fraction digits worth reading */
function digitsOf(scaled, unit) {
  if (scaled >= (unit > 1e3 ? 100 : 10)) return 0;
  return Number.isInteger(Math.round(scaled * 100) / 100) ? 0 : 2;
}

/**
 * A compact amount: `412 k€`, `1 284 k€`, `€412k`.
 * @param {Amount} value
 * @param {string} [code] ISO 4217
 * @param {{sign?: boolean}} [options] write + too
 */
export function money(value, code = currency.value, { sign: signed = false } = {}) {
  if (!known(value)) return UNKNOWN;
  const parts = moneyParts(value, code);
  const plus = signed && Number(value) > 0 ? '+' : '';
  if (language.value === 'fr') return `${plus}${parts.number}\u00a0${parts.after}`;
  const negative = parts.number.startsWith(MINUS);
  return `${negative ? MINUS : plus}${parts.before}${parts.number.slice(negative ? 1 : 0)}${parts.after}`;
}

/** An amount to the cent: `412 345,67 €`. @param {Amount} value @param {string} [code] */
export function moneyExact(value, code = currency.value) {
  if (!known(value)) return UNKNOWN;
  return numberFormat({ style: 'currency', currency: code })
    .format(/** @type {any} */ (value))
    .replace('-', MINUS);
}

/** An amount in thousands without its unit, for a column headed `k€`. @param {Amount} value @param {number} [digits] */
export const thousands = (value, digits = 0) =>
  known(value) ? number(Number(value) / 1000, { digits }) : UNKNOWN;

/** The unit of `thousands`: `k€` or `€k`. @param {string} [code] */
export const thousandsUnit = (code = currency.value) =>
  language.value === 'fr' ? `k${sign(code)}` : `${sign(code)}k`;

/**
 * A ratio as a percentage: `79 %`, `9,4 %` under ten.
 * @param {Amount} ratio 0.79
 * @param {{digits?: number, sign?: boolean}} [options]
 */
export function percent(ratio, { digits, sign: signed = false } = {}) {
  if (!known(ratio)) return UNKNOWN;
  const size = Math.abs(Number(ratio));
  const most = digits ?? (size < 0.0995 ? 1 : 0);
  return numberFormat({
    style: 'percent',
    minimumFractionDigits: digits ?? 0,
    maximumFractionDigits: most,
    signDisplay: signed ? 'exceptZero' : 'negative',
  })
    .format(/** @type {any} */ (ratio))
    .replace('-', MINUS);
}

/**
 * The value of a KPI by its unit.
 * @param {Amount} value
 * @param {string} unit `money`, `ratio`, `count`, `days`, `index` or anything else, written as a number
 * @param {{currency?: string, exact?: boolean}} [options]
 */
export function byUnit(value, unit, { currency: code = currency.value, exact = false } = {}) {
  if (unit === 'money') return exact ? moneyExact(value, code) : money(value, code);
  if (unit === 'ratio') return exact ? percent(value, { digits: 2 }) : percent(value);
  if (unit === 'days' && known(value)) return days(value);
  return number(value, {
    digits: exact && known(value) && !Number.isInteger(Number(value)) ? 2 : fewDigits(value),
  });
}

/** @param {Amount} value */
const fewDigits = (value) =>
  known(value) && Math.abs(Number(value)) < 100 && !Number.isInteger(Number(value)) ? 1 : 0;

/** A number of days, short: `12 j`, `12 d`. @param {Amount} value */
export const days = (value) =>
  known(value) ? `${number(value)}\u00a0${language.value === 'fr' ? 'j' : 'd'}` : UNKNOWN;

/**
 * Reads a civil date (`2026-11-23`) or an instant, and says in which zone to show it.
 * @param {string | Date} value
 * @returns {[Date, string]}
 */
function read(value) {
  if (value instanceof Date) return [value, timeZone.value];
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return [new Date(`${value}T00:00:00Z`), 'UTC'];
  return [new Date(value), timeZone.value];
}

/** @param {string | Date} value @param {Intl.DateTimeFormatOptions} options @param {string[]} types */
function pieces(value, options, types) {
  const [date, zone] = read(value);
  const parts = dateFormat({ ...options, timeZone: zone }).formatToParts(date);
  return types.map((type) => parts.find((p) => p.type === type)?.value ?? '');
}

/** A day: `lun. 23 nov.`, `Mon 23 Nov`. @param {string | Date | null | undefined} value */
export function day(value) {
  if (!value) return UNKNOWN;
  const options = /** @type {const} */ ({ weekday: 'short', day: 'numeric', month: 'short' });
  return pieces(value, options, ['weekday', 'day', 'month']).join('\u00a0').replace('\u00a0', ' ');
}

/** A day with its year: `23 nov. 2026`. @param {string | Date | null | undefined} value */
export function date(value) {
  if (!value) return UNKNOWN;
  const options = /** @type {const} */ ({ day: 'numeric', month: 'short', year: 'numeric' });
  return pieces(value, options, ['day', 'month', 'year']).join('\u00a0');
}

/** A day in full: `lundi 23 novembre 2026`. @param {string | Date | null | undefined} value */
export function dayLong(value) {
  if (!value) return UNKNOWN;
  const options = /** @type {const} */ ({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  return pieces(value, options, ['weekday', 'day', 'month', 'year']).join(' ');
}

/** A month: `nov. 2026`. @param {string} value any date in it */
export function month(value) {
  return pieces(value, { month: 'short', year: 'numeric' }, ['month', 'year']).join('\u00a0');
}

/** The hour of an instant: `9 h 41`, `9:41`. @param {string | Date | null | undefined} value */
export function hour(value) {
  if (!value) return UNKNOWN;
  const [h, m] = pieces(value, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' }, ['hour', 'minute']);
  return language.value === 'fr' ? `${Number(h)}\u00a0h\u00a0${m}` : `${Number(h)}:${m}`;
}

/** Day and hour of an instant. @param {string | Date | null | undefined} value */
export const instant = (value) => (value ? `${date(value)}, ${hour(value)}` : UNKNOWN);

/** Today as a civil date in the company's zone. @param {Date} [now] @returns {string} */
export function today(now = new Date()) {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timeZone.value }).format(now);
}

/** Days from a civil date to another, negative when it is before. @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** How long ago or ahead a civil date is: `il y a 23 jours`, `demain`. @param {string} value @param {string} [from] */
export function ago(value, from = today()) {
  const formatter = new Intl.RelativeTimeFormat(LOCALES[language.value], { numeric: 'auto' });
  return formatter.format(daysBetween(from, value.slice(0, 10)), 'day');
}

/**
 * How the ticks of an axis are written: bare numbers in the unit the tile announces.
 * @param {string} unit unit of the KPI
 * @param {number} max greatest value on the axis
 * @returns {(value: number) => string}
 */
export function axisFormat(unit, max) {
  if (unit === 'ratio') return (value) => percent(value, { digits: 0 });
  const step =
    unit === 'money' && max >= 999.5 ? (max < 9_999_500 ? 1e3 : max < 9_999_500_000 ? 1e6 : 1e9) : 1;
  return (value) =>
    numberFormat({ maximumFractionDigits: 2 })
      .format(value / step)
      .replace('-', MINUS);
}
