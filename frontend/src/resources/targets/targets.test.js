import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../../i18n/index.js';
import { cellsOf, change, clear, draftOf, keyOf, rowsOf, standingOf, stepBack, unsaved } from './draft.js';
import { pasted, readFigure, sameFigure, shift, shownFigure, typedFigure } from './figures.js';

/** @param {string} text */
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');

beforeEach(() => setLanguage('fr'));

describe('a figure typed', () => {
  it.each([
    ['48 250', 'money', { value: '48250' }],
    ['48 250,5 €', 'money', { value: '48250.5' }],
    ['48,25', 'money', { value: '48.25' }],
    ['48.25', 'money', { value: '48.25' }],
    ['1.048.250,10', 'money', { value: '1048250.1' }],
    ['1,2k', 'money', { value: '1200' }],
    ['1,5 M', 'money', { value: '1500000' }],
    ['', 'money', { value: null }],
    ['48.250', 'money', { error: 'ambiguous' }],
    ['-5', 'money', { error: 'negative' }],
    ['douze', 'money', { error: 'number' }],
    ['1,2,3', 'money', { error: 'number' }],
    ['1234567890123', 'money', { error: 'long' }],
    ['0,1234567', 'money', { error: 'long' }],
    ['12,5', 'count', { error: 'whole' }],
    ['12', 'count', { value: '12' }],
    ['75 %', 'ratio', { value: '0.75' }],
    ['7,5', 'ratio', { value: '0.075' }],
    ['120', 'ratio', { error: 'share' }],
  ])('in French, %s of %s is %o', (text, unit, expected) => {
    expect(readFigure(text, unit)).toEqual(expected);
  });
  it.each([
    ['48,250.50', { value: '48250.5' }],
    ['1,048,250', { value: '1048250' }],
    ['48.25', { value: '48.25' }],
    ['48,25', { error: 'ambiguous' }],
    ['£1.2k', { value: '1200' }],
  ])('in English, %s is %o', async (text, expected) => {
    await setLanguage('en');
    expect(readFigure(text, 'money')).toEqual(expected);
  });
  it('is shown again as it can be typed', async () => {
    for (const value of ['48250.5', '0.05', '12', '999999999999.123456'])
      for (const lang of /** @type {const} */ (['fr', 'en']))
        for (const unit of ['money', 'ratio', 'index']) {
          await setLanguage(lang);
          if (unit === 'ratio' && Number(value) > 1) continue;
          expect(readFigure(typedFigure(value, unit), unit)).toEqual({ value });
        }
  });
});

it('moves a decimal point exactly', () => {
  expect(shift('12.5', 3)).toBe('12500');
  expect(shift('12.5', -2)).toBe('0.125');
  expect(shift('0.10', 0)).toBe('0.1');
  expect(shift('-1.50', 2)).toBe('-150');
  expect(shift('999999999999999999.99', 2)).toBe('99999999999999999999');
  expect(sameFigure('10.00', 10)).toBe(true);
  expect(sameFigure(null, undefined)).toBe(true);
  expect(sameFigure(null, '0')).toBe(false);
});

it('shows every decimal a figure has', async () => {
  expect(plain(shownFigure('48250.00', 'money'))).toBe('48 250');
  expect(plain(shownFigure('48250.5', 'money'))).toBe('48 250,50');
  expect(plain(shownFigure('-1200', 'money', { sign: true }))).toBe('−1 200');
  expect(plain(shownFigure('0.755', 'ratio'))).toBe('75,5 %');
  expect(shownFigure(null, 'count')).toBe('–');
});

it('reads what a sheet copies', () => {
  expect(pasted('1\t2\r\n3\t4\r\n')).toEqual([
    ['1', '2'],
    ['3', '4'],
  ]);
  expect(pasted('12')).toEqual([['12']]);
});

describe('a draft', () => {
  const SHEET = 'invoiced_revenue|2026';
  const row = (/** @type {string} */ id, /** @type {any[]} */ values) => ({
    scope_kind: 'rep',
    scope_id: id,
    name: id,
    editable: true,
    others: [],
    cells: values.map((value) => ({ value, resolved: value, origin: null })),
  });
  const month = (/** @type {string} */ period) => ({ period, starts_on: '', ends_on: '', working_days: 20 });
  /** @type {any} */
  const grid = {
    periods: [month('2026-01'), month('2026')],
    groups: [{ parent: row('team', ['9.00', null]), rows: [row('a', ['5.00', null])], sums: [], gaps: [] }],
  };
  const standing = standingOf(grid);
  const january = keyOf(rowsOf(grid)[1], '2026-01');
  afterEach(() => clear(SHEET));

  it('keeps what differs, with what stood', () => {
    expect(rowsOf(grid).map((one) => one.scope_id)).toEqual(['team', 'a']);
    change(SHEET, { [january]: '6' }, standing);
    change(SHEET, { [january]: '7' }, standing);
    expect(unsaved()).toBe(true);
    expect(cellsOf(draftOf(SHEET))).toEqual([
      { scope_kind: 'rep', scope_id: 'a', period: '2026-01', value: '7', was: '5.00' },
    ]);
    change(SHEET, { [january]: '5' }, standing);
    expect(draftOf(SHEET)).toEqual({});
    expect(unsaved()).toBe(false);
  });
  it('goes back step by step', () => {
    change(SHEET, { [january]: '6' }, standing);
    change(SHEET, { [january]: null }, standing);
    expect(draftOf(SHEET)[january].value).toBeNull();
    expect(stepBack(SHEET)).toBe(true);
    expect(draftOf(SHEET)[january].value).toBe('6');
    expect(stepBack(SHEET)).toBe(true);
    expect(draftOf(SHEET)).toEqual({});
    expect(stepBack(SHEET)).toBe(false);
  });
  it('names the company without an id', () => {
    const company = { scope_kind: 'company', scope_id: null };
    change(SHEET, { [keyOf(company, '2026')]: '10' }, new Map());
    expect(cellsOf(draftOf(SHEET))).toEqual([
      { scope_kind: 'company', scope_id: null, period: '2026', value: '10', was: null },
    ]);
  });
});
