import { useLocation } from 'preact-iso';
import { query } from '../api/client.js';
import { t } from '../i18n/index.js';
import { changed, scopeIn, searchOf } from './paths.js';
import { periodLabel, readPeriod, shiftPeriod, unitAt, writePeriod } from './periods.js';

/**
 * The scope of a screen lives in the address and nowhere else: period, business unit, team, rep, comparison, date.
 *
 * @typedef {{
 *   values: Record<string, string[]>, period: import('./periods.js').Period | null, periodName: string, query: string,
 *   count: number, asOf: string | null, compare: string[],
 *   one: (name: string) => string | null,
 *   set: (changes: Record<string, string | string[] | null>) => void,
 *   shift: (n: number) => void, setKind: (kind: 'day'|'week'|'month'|'quarter'|'year') => void, reset: () => void,
 *   href: (path: string) => string,
 * }} Scope
 *   `query`: the API parameters, `?period=…`; `count`: filters on beside the period; `href`: another place under the same scope
 */

/** @returns {Scope} */
export function useScope() {
  const { path, url, route } = useLocation();
  const search = searchOf(url);
  const values = scopeIn(search);
  const one = (/** @type {string} */ name) => values[name]?.[0] ?? null;
  const from = one('from');
  const end = one('to');
  const period = from && end ? readPeriod(`${from}/${end}`) : readPeriod(one('period'));
  const set = (/** @type {Record<string, string | string[] | null>} */ changes) =>
    route(`${path}${changed(search, changes)}`);
  const toPeriod = (/** @type {import('./periods.js').Period} */ next) =>
    set({ period: writePeriod(next), from: null, to: null });
  return {
    values,
    period,
    periodName: period ? periodLabel(period) : (one('period') ?? ''),
    query: query(values),
    count: ['business_unit', 'team', 'rep', 'customer', 'as_of'].filter((name) => values[name]).length,
    asOf: one('as_of'),
    compare: values.compare ?? [],
    one,
    set,
    shift: (n) => period && toPeriod(shiftPeriod(period, n)),
    setKind: (kind) => toPeriod(unitAt(inside(period), kind)),
    reset: () => set({ business_unit: null, team: null, rep: null, customer: null, as_of: null }),
    href: (place) => `${place}${query(values)}`,
  };
}

/**
 * The day around which the kind of period changes: today when the period holds it, else its first day.
 * @param {import('./periods.js').Period | null} period
 */
function inside(period) {
  const now = /** @type {import('./periods.js').Period} */ (readPeriod('today')).start;
  return !period || (period.start <= now && now < period.end) ? now : period.start;
}

export const KINDS = /** @type {const} */ (['week', 'month', 'quarter', 'year']);
export const WHO = /** @type {const} */ (['business_unit', 'team', 'rep']);

/** What a change of unit or team makes meaningless. @type {Record<string, Record<string, null>>} */
export const BELOW = { business_unit: { team: null, rep: null }, team: { rep: null }, rep: {} };

/** @param {string} name */
export const everyone = (name) => t(name === 'rep' ? 'scope.all_m' : 'scope.all_f');

/** @param {string} name @param {import('./ScopeBar.jsx').Choice[] | null} list @param {string | null} id */
export const nameOf = (name, list, id) =>
  id ? (list?.find((one) => one.id === id)?.name ?? (list ? t('scope.unknown') : '…')) : everyone(name);
