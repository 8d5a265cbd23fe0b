import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../../i18n/index.js';
import { monthsFrom, readSectors, readWeights, writeSectors, writeWeights } from './spread.js';

beforeEach(() => setLanguage('fr'));

const YEAR = ['1', '1', '1', '1', '1', '1', '0,6', '0,2', '1,2', '1,1', '1', '0,9'];

describe('the weight of each month', () => {
  it('is read as typed, written as the API has it, and the same again', () => {
    const read = readWeights(YEAR);
    expect(read).toEqual({ value: YEAR.map((one) => one.replace(',', '.')) });
    expect(writeWeights(/** @type {any} */ (read).value)).toEqual(YEAR);
  });
  it('is by working days when nothing is typed', () => {
    expect(writeWeights(null)).toEqual(Array(12).fill(''));
    expect(readWeights(Array(12).fill(' '))).toEqual({ value: null });
  });
  it.each([
    ['some', ''],
    ['number', 'beaucoup'],
    ['number', '-1'],
    ['number', '100'],
    ['number', '0,12345'],
  ])('is refused, %s, for "%s"', (error, text) => {
    expect(readWeights(YEAR.with(3, text))).toEqual({ error });
  });
  it('is not nothing for every month', () => {
    expect(readWeights(Array(12).fill('0'))).toEqual({ error: 'zero' });
  });
  it('follows the fiscal year', () => {
    expect(monthsFrom(4)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]);
  });
});

describe('the cycle of a sector', () => {
  const known = { Chimie: 60, BTP: 45 };
  it('is listed by name', () => {
    expect(writeSectors(known)).toEqual([
      { sector: 'BTP', days: '45' },
      { sector: 'Chimie', days: '60' },
    ]);
  });
  it('says what is changed, added and taken out', () => {
    const typed = [
      { sector: 'BTP', days: '50' },
      { sector: ' Santé ', days: '30' },
      { sector: '', days: '' },
    ];
    expect(readSectors(typed, known)).toEqual({ value: { BTP: 50, Santé: 30, Chimie: null } });
  });
  it.each([
    ['number', [{ sector: 'BTP', days: '' }]],
    ['number', [{ sector: '', days: '30' }]],
    ['number', [{ sector: 'BTP', days: '0' }]],
    ['number', [{ sector: 'BTP', days: '4,5' }]],
    [
      'twice',
      [
        { sector: 'BTP', days: '3' },
        { sector: 'BTP ', days: '4' },
      ],
    ],
  ])('is refused, %s', (error, typed) => {
    expect(readSectors(/** @type {any} */ (typed), known)).toEqual({ error });
  });
});
