import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ago,
  axisFormat,
  byUnit,
  date,
  day,
  days,
  hour,
  money,
  moneyExact,
  moneyParts,
  number,
  percent,
  thousands,
} from './format.js';
import { language, preferredLanguage, setLanguage, t, writeStored } from './index.js';

const SRC = join(import.meta.dirname, '..');
/** @param {string} text narrow and plain no-break spaces as spaces */
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
/** @type {Record<string, Record<string, Record<string, any>>>} texts by area and language */
const catalogues = {};
const modules = import.meta.glob(['./fr.js', './en.js', './areas/*.js'], { eager: true });
for (const [file, module] of Object.entries(modules)) {
  const [, area, code] = /** @type {RegExpExecArray} */ (/(?:areas\/(.+)\.)?(fr|en)\.js$/.exec(file));
  catalogues[area ?? 'main'] ??= {};
  catalogues[area ?? 'main'][code] = /** @type {any} */ (module).default;
}

/** @returns {string[]} */
const sources = () =>
  readdirSync(SRC, { recursive: true })
    .map(String)
    .filter((file) => /\.jsx?$/.test(file) && !/\.test\.|i18n\//.test(file));

/** @param {any} message @returns {string[]} its parameters */
const params = (message) =>
  [...new Set([...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();

describe('texts', () => {
  it.each(Object.keys(catalogues))(
    'of %s have every key in both languages, with the same parameters',
    (area) => {
      const { fr, en } = catalogues[area];
      expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort());
      for (const key of Object.keys(fr)) {
        const [a, b] = [params(fr[key]), params(en[key])];
        expect(b, key).toEqual(a);
        expect(typeof en[key], key).toBe(typeof fr[key]);
      }
    },
  );

  it('exist for every key that the code writes out', () => {
    const known = new Set(Object.values(catalogues).flatMap((area) => Object.keys(area.fr)));
    const missing = [];
    for (const file of sources())
      for (const m of readFileSync(join(SRC, file), 'utf8').matchAll(/\bt\(\s*'([^']+)'/g))
        if (!known.has(m[1])) missing.push(`${file}: ${m[1]}`);
    expect(missing).toEqual([]);
  });

  it('follow the plural of the language', async () => {
    expect(t('chart.deals', { n: 0 })).toBe('0 affaire');
    expect(t('chart.deals', { n: 1 })).toBe('1 affaire');
    expect(t('chart.deals', { n: 2 })).toBe('2 affaires');
    await setLanguage('en');
    expect(t('chart.deals', { n: 0 })).toBe('0 deals');
    expect(t('chart.deals', { n: 1 })).toBe('1 deal');
    expect(t('scope.filters', { n: 0 })).toBe('Filters');
  });

  it('write their numbers as the language does', () => {
    expect(plain(t('chart.deals', { n: 1284 }))).toBe('1 284 affaires');
  });

  it('keep the language chosen for the next visit', async () => {
    await setLanguage('en');
    expect(document.documentElement.lang).toBe('en');
    expect(preferredLanguage()).toBe('en');
    writeStored('language', null);
    expect(preferredLanguage()).toBe(navigator.language.startsWith('fr') ? 'fr' : 'en');
  });
});

beforeEach(() => setLanguage('fr'));

describe('money', () => {
  it.each([
    ['412345.67', '412 k€', '€412k'],
    ['1284000', '1 284 k€', '€1,284k'],
    ['6340', '6,34 k€', '€6.34k'],
    ['6500', '6,50 k€', '€6.50k'],
    ['5000', '5 k€', '€5k'],
    ['24400', '24 k€', '€24k'],
    ['160', '160 €', '€160'],
    ['-21000', '−21 k€', '−€21k'],
    ['0', '0 €', '€0'],
    ['12345678', '12,35 M€', '€12.35m'],
    ['999999999', '1 000 M€', '€1,000m'],
    ['9999499', '9 999 k€', '€9,999k'],
    ['9999500', '10 M€', '€10m'],
    ['999.6', '1 k€', '€1k'],
    ['25000000000', '25 Md€', '€25bn'],
  ])('%s reads %s and %s', async (value, fr, en) => {
    expect(plain(money(value))).toBe(fr);
    await setLanguage('en');
    expect(plain(money(value))).toBe(en);
  });
  it('never shows more than four significant digits', () => {
    for (let size = 1; size < 1e12; size *= 1.37)
      expect(moneyParts(size).number.replace(/\D/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(4);
  });
  it('is exact where it must be, beyond what a float holds', () => {
    expect(plain(moneyExact('12345678901234567.89'))).toBe('12 345 678 901 234 567,89 €');
    expect(plain(moneyExact('1284000.5', 'USD'))).toBe('1 284 000,50 $US');
  });
  it('says nothing of what is unknown', () => {
    for (const value of [null, undefined, '', 'n/a']) expect(money(value)).toBe('–');
  });
  it('can carry its sign', () => expect(plain(money(22_000, 'EUR', { sign: true }))).toBe('+22 k€'));
  it('fits a column of thousands', () => expect(plain(thousands('1284000'))).toBe('1 284'));
});

describe('other figures', () => {
  it('percentages', () => {
    expect(plain(percent('0.79'))).toBe('79 %');
    expect(plain(percent(0.094, { sign: true }))).toBe('+9,4 %');
    expect(plain(percent(-0.5, { sign: true }))).toBe('−50 %');
    expect(plain(percent(1.094))).toBe('109 %');
    expect(percent(null)).toBe('–');
  });
  it('numbers and days', async () => {
    expect(number(-7.256, { digits: 2 })).toBe('−7,26');
    expect(plain(days(12))).toBe('12 j');
    expect(plain(byUnit('412345.67', 'money', { exact: true }))).toBe('412 345,67 €');
    expect(byUnit('74', 'count')).toBe('74');
    expect(byUnit('3.1', 'number')).toBe('3,1');
    await setLanguage('en');
    expect(plain(days(12))).toBe('12 d');
  });
  it('axes', () => {
    expect(axisFormat('money', 551_000)(200_000)).toBe('200');
    expect(axisFormat('money', 6890)(2500)).toBe('2,5');
    expect(plain(axisFormat('ratio', 1)(0.5))).toBe('50 %');
    expect(axisFormat('count', 12)(5)).toBe('5');
  });
});

describe('dates', () => {
  it('read as one says them', async () => {
    expect(plain(day('2026-11-23'))).toBe('lun. 23 nov.');
    expect(plain(date('2026-11-23'))).toBe('23 nov. 2026');
    await setLanguage('en');
    expect(plain(day('2026-11-23'))).toBe('Mon 23 Nov');
    expect(language.value).toBe('en');
  });
  it('of instants are those of the company, whoever looks', async () => {
    expect(plain(hour('2026-11-23T08:41:00Z'))).toBe('9 h 41');
    expect(plain(day('2026-11-23T23:30:00Z'))).toBe('mar. 24 nov.');
    await setLanguage('en');
    expect(hour('2026-11-23T08:41:00Z')).toBe('9:41');
  });
  it('tell how long ago', () => {
    expect(ago('2026-11-22', '2026-11-23')).toBe('hier');
    expect(plain(ago('2026-10-31', '2026-11-23'))).toBe('il y a 23 jours');
  });
});
