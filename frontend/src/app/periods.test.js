import { afterEach, describe, expect, it } from 'vitest';
import { changed, scopeIn } from './paths.js';
import {
  isoWeek,
  periodLabel,
  readPeriod,
  setFiscalStart,
  shiftPeriod,
  unitAt,
  writePeriod,
} from './periods.js';

const TODAY = '2026-11-23';
/** @param {string | null} text */
const read = (text) => /** @type {import('./periods.js').Period} */ (readPeriod(text, TODAY));
const plain = (/** @type {string} */ text) => text.replace(/[\u00a0\u202f]/g, ' ');
afterEach(() => setFiscalStart(1));

describe('periods', () => {
  it.each([
    ['2026-11', 'month', '2026-11-01', '2026-12-01'],
    ['2026-Q4', 'quarter', '2026-10-01', '2027-01-01'],
    ['2026', 'year', '2026-01-01', '2027-01-01'],
    ['2026-W47', 'week', '2026-11-16', '2026-11-23'],
    ['2020-W53', 'week', '2020-12-28', '2021-01-04'],
    ['2026-11-23', 'day', '2026-11-23', '2026-11-24'],
  ])('%s is a %s from %s to %s, and is written back the same', (text, kind, start, end) => {
    expect(read(text)).toEqual({ kind, start, end });
    expect(writePeriod(read(text))).toBe(text);
  });

  it('understands relative words, and nothing at all as this month', () => {
    expect(writePeriod(read('last-quarter'))).toBe('2026-Q3');
    expect(writePeriod(read('next-month'))).toBe('2026-12');
    expect(writePeriod(read('this-week'))).toBe('2026-W48');
    expect(writePeriod(read(null))).toBe('2026-11');
  });

  it('moves over year ends', () => {
    expect(writePeriod(shiftPeriod(read('2026-12'), 1))).toBe('2027-01');
    expect(writePeriod(shiftPeriod(read('2026-Q1'), -1))).toBe('2025-Q4');
    expect(writePeriod(shiftPeriod(read('2026-W53'), 1))).toBe('2027-W01');
    expect(writePeriod(shiftPeriod(read('2024-02-29'), 1))).toBe('2024-03-01');
    expect(writePeriod(shiftPeriod(read('2026'), -1))).toBe('2025');
  });

  it('moves a chosen span by its own length', () => {
    expect(shiftPeriod(read('2026-01-05/2026-01-19'), -1)).toMatchObject({
      start: '2025-12-22',
      end: '2026-01-05',
    });
  });

  it('names a fiscal year after the year it ends in', () => {
    setFiscalStart(7);
    expect(read('2026')).toMatchObject({ start: '2025-07-01', end: '2026-07-01' });
    expect(read('2026-Q4')).toMatchObject({ start: '2026-04-01', end: '2026-07-01' });
    expect(writePeriod(unitAt('2025-08-15', 'quarter'))).toBe('2026-Q1');
    expect(writePeriod(unitAt('2026-06-30', 'year'))).toBe('2026');
    for (const text of ['2026', '2026-Q1', '2026-Q2', '2026-Q3', '2026-Q4'])
      expect(writePeriod(read(text))).toBe(text);
  });

  it('counts weeks as ISO does', () => {
    expect(isoWeek('2020-12-28')).toEqual({ week: 53, year: 2020 });
    expect(isoWeek('2024-12-30')).toEqual({ week: 1, year: 2025 });
  });

  it('refuses what it cannot move', () => {
    for (const text of ['last-30-days', '2026-13', 'soon', '2026-11-10/2026-11-01'])
      expect(readPeriod(text, TODAY)).toBe(null);
  });

  it('says them', () => {
    expect(plain(periodLabel(read('2026-11')))).toBe('nov. 2026');
    expect(periodLabel(read('2026-Q4'))).toBe('T4 2026');
    expect(periodLabel(read('2026-W47'))).toBe('sem. 47 2026');
    expect(plain(periodLabel(read('2026-01-05/2026-01-19')))).toBe('du 5 janv. 2026 au 18 janv. 2026');
  });
});

describe('the scope in the address', () => {
  it('keeps API parameters only, lists included', () => {
    expect(scopeIn('?period=2026-11&team=a&team=b&panel=x&rep=')).toEqual({
      period: ['2026-11'],
      team: ['a', 'b'],
    });
  });
  it('changes what it is told and nothing else', () => {
    expect(changed('?period=2026-11&panel=x', { panel: null, rep: '7' })).toBe('?period=2026-11&rep=7');
    expect(changed('?rep=7', { rep: null })).toBe('');
  });
});
