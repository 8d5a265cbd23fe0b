import { NotANumber, readDecimal, writeDecimal } from '../engine/decimals.js';

/**
 * How a year's target spreads over its months, and the cycle of each sector: as typed, and as the API takes them.
 * @typedef {{sector: string, days: string}} Sector
 */

/** @param {string[] | null} weights as the API has them @returns {string[]} twelve, empty ones when months follow working days */
export const writeWeights = (weights) => (weights ?? Array(12).fill('')).map((one) => writeDecimal(one));

/**
 * @param {string[]} typed twelve
 * @returns {{value: string[] | null} | {error: 'some' | 'number' | 'zero'}} null when nothing is typed: by working days
 */
export function readWeights(typed) {
  if (typed.every((one) => !one.trim())) return { value: null };
  if (typed.some((one) => !one.trim())) return { error: 'some' };
  try {
    const value = typed.map((one) => readDecimal(one) ?? '0');
    if (value.some((one) => !/^\d{1,2}(\.\d{1,4})?$/.test(one))) return { error: 'number' };
    return value.some((one) => Number(one) > 0) ? { value } : { error: 'zero' };
  } catch (error) {
    if (error instanceof NotANumber) return { error: 'number' };
    throw error;
  }
}

/** @param {number} start first month of the fiscal year, 1 to 12 @returns {number[]} the months in its order */
export const monthsFrom = (start) => Array.from({ length: 12 }, (_, at) => ((start - 1 + at) % 12) + 1);

/** @param {Record<string, number>} known @returns {Sector[]} */
export const writeSectors = (known) =>
  Object.keys(known)
    .sort((a, b) => a.localeCompare(b))
    .map((sector) => ({ sector, days: String(known[sector]) }));

/**
 * @param {Sector[]} typed @param {Record<string, number>} known what the API has
 * @returns {{value: Record<string, number | null>} | {error: 'number' | 'twice'}} a sector taken out is null; an empty line is none
 */
export function readSectors(typed, known) {
  const lines = typed
    .map(({ sector, days }) => ({ sector: sector.trim(), days: days.trim() }))
    .filter(({ sector, days }) => sector || days);
  if (lines.some(({ sector, days }) => !sector || !/^[1-9]\d{0,4}$/.test(days))) return { error: 'number' };
  if (new Set(lines.map(({ sector }) => sector)).size < lines.length) return { error: 'twice' };
  const gone = Object.keys(known).map((sector) => [sector, null]);
  return {
    value: {
      ...Object.fromEntries(gone),
      ...Object.fromEntries(lines.map((l) => [l.sector, Number(l.days)])),
    },
  };
}
