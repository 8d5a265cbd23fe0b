import { LOCALES, language } from '../../i18n/index.js';

/** What cannot be read as a number. */
export class NotANumber extends Error {}

/**
 * A number as one types it in the page's language, as the API takes it.
 * @param {string} text `1 284,50`, `1,284.50`
 * @param {number} [shift] places the point moves to the left: 2 for a percentage
 * @returns {string | null} a plain decimal string, `1284.50`; null for nothing
 * @throws {NotANumber}
 */
export function readDecimal(text, shift = 0) {
  const bare = text.replace(/[\s\u00a0\u202f€%]/g, '').replace('\u2212', '-');
  if (bare === '') return null;
  const comma = language.peek() === 'fr' && !bare.includes('.');
  const plain = comma ? bare.replace(',', '.') : bare.replaceAll(',', '');
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(plain)) throw new NotANumber(text);
  return movePoint(plain, -shift);
}

/**
 * A decimal string of the API as one edits it.
 * @param {string | number | null | undefined} value @param {number} [shift] places the point moves to the right
 * @returns {string} `1284,50` in French; nothing for null
 */
export function writeDecimal(value, shift = 0) {
  if (value === null || value === undefined || value === '') return '';
  const plain = movePoint(String(value), shift);
  return language.peek() === 'fr' ? plain.replace('.', ',') : plain;
}

/** A decimal string to be read: its own digits, grouped. @param {string | number | null | undefined} value @returns {string} */
export function showDecimal(value) {
  if (value === null || value === undefined || value === '') return '–';
  return new Intl.NumberFormat(LOCALES[language.value], { maximumFractionDigits: 6 }).format(
    /** @type {any} */ (String(value)),
  );
}

/** Moves the point without arithmetic, so that no digit is lost. @param {string} value @param {number} places to the right @returns {string} */
export function movePoint(value, places) {
  const sign = value.startsWith('-') ? '-' : '';
  const [whole, part = ''] = value.replace('-', '').split('.');
  const padded = whole.padStart(1 - Math.min(0, places), '0');
  const digits = padded + part.padEnd(Math.max(0, places), '0');
  const at = padded.length + places;
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0';
  const right = places === 0 ? digits.slice(at) : digits.slice(at).replace(/0+$/, '');
  return `${sign}${left}${right ? `.${right}` : ''}`;
}
