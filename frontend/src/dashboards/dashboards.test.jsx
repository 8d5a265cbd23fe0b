import { beforeEach, describe, expect, it } from 'vitest';
import { loadArea, setLanguage } from '../i18n/index.js';
import { rowsOf, sorted } from './activity/Team.jsx';
import { drillKey, readDrill, recordsParams } from './drill.js';
import {
  averageText,
  changeText,
  exactValue,
  gapOf,
  seriesValues,
  shareOfTarget,
  valueParts,
} from './figures.js';

/** @param {string | null} text */
const plain = (text) => text?.replace(/[\u00a0\u202f]/g, ' ');
/** @returns {any} an answer of the API as the screens get it */
const answer = (/** @type {any} */ more = {}) => ({
  name: 'invoiced_revenue',
  label: { fr: 'CA facturé', en: 'Invoiced revenue' },
  unit: 'money',
  currency: 'EUR',
  value: '412345.67',
  target: '520000.00',
  attainment: '0.792972',
  expected_to_date: '390000.00',
  gap: '22345.67',
  period: { from: '2026-11-01', to: '2026-12-01' },
  as_of_day: '2026-11-23',
  comparisons: [{ kind: 'previous_year', value: '376910.00', change: '0.094', components: { count: 57 } }],
  components: { count: 63 },
  series: [],
  team_average: null,
  ...more,
});

beforeEach(async () => {
  await loadArea('dash');
  await setLanguage('fr');
});

describe('a tile', () => {
  it('says its value, its share of the target and its change', async () => {
    expect(valueParts(answer())).toEqual({ before: '', number: '412', after: 'k€' });
    expect(plain(exactValue(answer()))).toBe('412 345,67 €');
    expect(plain(shareOfTarget(answer()))).toBe('79 % de 520 k€');
    expect(plain(changeText(answer()))).toBe('+9,4 % sur N-1');
    await setLanguage('en');
    expect(plain(shareOfTarget(answer()))).toBe('79% of €520k');
    expect(plain(changeText(answer()))).toBe('+9.4% on last year');
  });
  it('says the gap in words: ahead while the period runs, above once it is over', () => {
    expect(gapOf(answer())).toMatchObject({ tone: 'good', direction: 'up' });
    expect(plain(gapOf(answer())?.text ?? '')).toBe('22 k€ d’avance');
    const behind = answer({ gap: '-21000.00' });
    expect(gapOf(behind)).toMatchObject({ tone: 'bad', direction: 'down' });
    expect(plain(gapOf(behind)?.text ?? '')).toBe('21 k€ de retard');
    const over = answer({ as_of_day: '2026-12-04', gap: '-21000.00' });
    expect(plain(gapOf(over)?.text ?? '')).toBe('21 k€ sous l’objectif');
    const basket = answer({ expected_to_date: '520000.00', gap: '-160.00' });
    expect(plain(gapOf(basket)?.text ?? '')).toBe('160 € sous l’objectif');
    expect(gapOf(answer({ gap: null }))).toBeNull();
  });
  it('is good under the target when less is better', () => {
    expect(gapOf(answer({ unit: 'count', gap: '-2' }), { lower: true })).toMatchObject({ tone: 'good' });
    expect(gapOf(answer({ unit: 'count', gap: '2' }), { lower: true })).toMatchObject({ tone: 'bad' });
  });
  it('says no change on a base of under five records', () => {
    const thin = [{ kind: 'previous_year', value: '1', change: '2', components: { count: 4 } }];
    expect(changeText(answer({ comparisons: thin }))).toBeNull();
    expect(
      changeText(answer({ unit: 'count', comparisons: [{ ...thin[0], components: {}, value: 4 }] })),
    ).toBeNull();
  });
  it('puts the team’s average beside a rep’s own', () => {
    expect(averageText(answer())).toBeNull();
    expect(plain(averageText(answer({ team_average: { value: '38000', reps: 4 } })))).toBe(
      'Équipe 38 k€ en moyenne',
    );
  });
  it('draws no value of days to come', () => {
    const series = [
      { period: { from: '2026-11-20' }, value: '1' },
      { period: { from: '2026-11-24' }, value: '0' },
    ];
    expect(seriesValues(answer({ series }))).toEqual(['1']);
  });
});

describe('the records behind a number', () => {
  it('are named in the address, and read back', () => {
    const key = drillKey('weighted_pipeline', { stage: 'a b;c', rep: null });
    expect(readDrill(key)).toEqual({
      name: 'weighted_pipeline',
      filters: { stage: 'a b;c', rep: 'unassigned' },
    });
    expect(readDrill('Edit:1')).toBeNull();
    expect(readDrill(null)).toBeNull();
    expect(readDrill('invoiced_revenue;hack=1')?.filters).toEqual({});
  });
  it('are asked under the same scope and period, narrowed by the row', () => {
    const scope = { period: ['2026-11'], team: ['t1'], compare: ['previous'] };
    expect(recordsParams(scope, { rep: 'r1' })).toEqual({ period: ['2026-11'], team: ['t1'], rep: ['r1'] });
    expect(recordsParams(scope, { from: '2026-06-01', to: '2026-12-01' })).toEqual({
      team: ['t1'],
      from: ['2026-06-01'],
      to: ['2026-12-01'],
    });
  });
});

describe('the reps', () => {
  const group = (/** @type {string | null} */ key, /** @type {any} */ more) => ({
    key,
    label: key,
    components: {},
    ...more,
  });
  const rows = rowsOf(
    /** @type {any} */ ({
      invoiced_revenue: [
        group('Inès', { value: '31000', gap: '-21000' }),
        group('Sofia', { value: '76000', gap: '27000' }),
        group(null, { value: '5', gap: null }),
      ],
      ordered_amount: [group('Paul', { components: { count: 8 } })],
    }),
  );
  it('are one row each, even with orders and no invoice', () => {
    expect(rows.map((row) => row.label)).toEqual(['Inès', 'Sofia', null, 'Paul']);
  });
  it('who need help come first, the unknown last', () => {
    expect(sorted(rows, 'gap').map((row) => row.label)).toEqual(['Inès', 'Sofia', null, 'Paul']);
    expect(sorted(rows, '-value')[0].label).toBe('Sofia');
  });
});
