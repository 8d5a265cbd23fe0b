import { number, percent, UNKNOWN } from '../../i18n/format.js';
import { language } from '../../i18n/index.js';

/**
 * Figures as they are typed, kept and shown. Kept as the API's decimal strings throughout: never as a float.
 * @typedef {{value: string | null} | {error: 'ambiguous' | 'number' | 'negative' | 'whole' | 'long' | 'share'}} Read
 */

const SPACES = /[\s\u00a0\u202f'’]/g;
/** @type {Record<string, number>} */
const SUFFIXES = { k: 3, m: 6 };

/**
 * A decimal string with its point moved.
 * @param {string} text `12.5` @param {number} places to the right when positive
 */
export function shift(text, places) {
  const minus = text.startsWith('-') ? '-' : '';
  const [whole, part = ''] = text.replace('-', '').split('.');
  const digits = whole + part;
  const at = whole.length + places;
  const padded = at <= 0 ? '0'.repeat(1 - at) + digits : digits.padEnd(at, '0');
  const point = Math.max(at, 1);
  const left = padded.slice(0, point).replace(/^0+(?=\d)/, '');
  const right = padded.slice(point).replace(/0+$/, '');
  return minus + (right ? `${left}.${right}` : left);
}

/** @param {string | number | null | undefined} a @param {string | number | null | undefined} b */
export const sameFigure = (a, b) =>
  (a ?? null) === null || (b ?? null) === null
    ? (a ?? null) === (b ?? null)
    : shift(String(a), 0) === shift(String(b), 0);

/**
 * What somebody typed: `48 250`, `48,25`, `48k`, `75 %`. A mark that may mean two things is asked about, not guessed.
 * @param {string} text @param {string} unit of the KPI @returns {Read} nothing typed is null
 */
export function readFigure(text, unit) {
  let plain = text.replace(SPACES, '').replace(/[€$£%]|EUR$/gi, '');
  if (!plain) return { value: null };
  const suffix = SUFFIXES[plain.slice(-1).toLowerCase()] ?? 0;
  if (suffix) plain = plain.slice(0, -1);
  if (/^[-\u2212]/.test(plain)) return { error: 'negative' };
  const french = language.value === 'fr';
  const [mark, other] = french ? [',', '.'] : ['.', ','];
  const grouped = new RegExp(`^\\d{1,3}(\\${other}\\d{3})+(\\${mark}\\d*)?$`);
  if (grouped.test(plain)) {
    // In French a lone point before three digits is as much a decimal mark as a thousand's.
    if (french && plain.split('.').length === 2 && !plain.includes(',')) return { error: 'ambiguous' };
    plain = plain.replaceAll(other, '');
  } else if (plain.includes(other)) {
    if (plain.includes(mark) || plain.split(other).length > 2) return { error: 'number' };
    if (!french) return { error: 'ambiguous' };
    plain = plain.replace(other, mark);
  }
  plain = plain.replace(mark, '.').replace(/\.$/, '');
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(plain)) return { error: 'number' };
  const value = shift(plain.startsWith('.') ? `0${plain}` : plain, suffix - (unit === 'ratio' ? 2 : 0));
  const [whole, part = ''] = value.split('.');
  if (unit === 'count' && part) return { error: 'whole' };
  if (unit === 'ratio' && Number(value) > 1) return { error: 'share' };
  if (whole.length > 12 || part.length > 6) return { error: 'long' };
  return { value };
}

/** A figure as one would type it, to be changed. @param {string | number | null} value @param {string} unit */
export function typedFigure(value, unit) {
  if (value === null) return '';
  const text = shift(String(value), unit === 'ratio' ? 2 : 0);
  return language.value === 'fr' ? text.replace('.', ',') : text;
}

/**
 * A figure of the grid, whole to its last decimal.
 * @param {string | number | null | undefined} value @param {string} unit @param {{sign?: boolean}} [options]
 */
export function shownFigure(value, unit, options = {}) {
  if (value === null || value === undefined) return UNKNOWN;
  const places = (shift(String(value), unit === 'ratio' ? 2 : 0).split('.')[1] ?? '').length;
  if (unit === 'ratio') return percent(value, { digits: places, ...options });
  return number(value, { digits: unit === 'money' && places ? Math.max(2, places) : places, ...options });
}

/** What was copied from a sheet: rows of cells. @param {string} text @returns {string[][]} */
export const pasted = (text) =>
  text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.split('\t'));
