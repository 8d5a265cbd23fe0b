import { byUnit, money, moneyExact, moneyParts, number, percent } from '../i18n/format.js';
import { language, t } from '../i18n/index.js';

/**
 * What a tile writes of an answer of the API. Nothing is computed here that the API says: gaps, shares and changes come with it.
 * @typedef {import('./types.js').KpiAnswer} KpiAnswer
 * @typedef {import('./types.js').Bilingual} Bilingual
 * @typedef {{text: string, tone: 'good'|'bad'|'warn'|'none', direction: 'up'|'down'|null, title?: string}} Gap
 */

/** Below this many records a change in percent says nothing. */
const LEAST_BASE = 5;

/** @param {Bilingual | null | undefined} text @returns {string} */
export const said = (text) => text?.[language.value] ?? '';

/** @param {KpiAnswer} answer @returns {{before: string, number: string, after: string}} */
export function valueParts(answer) {
  const { value, unit } = answer;
  if (unit === 'money') return moneyParts(value, answer.currency ?? undefined);
  if (value === null) return { before: '', number: number(null), after: '' };
  if (unit === 'ratio') {
    const text = percent(value, { digits: 0 });
    return { before: '', number: text.replace(/[\s\u00a0\u202f]?%/, ''), after: '%' };
  }
  return { before: '', number: byUnit(value, unit === 'count' ? 'count' : 'number'), after: '' };
}

/** @param {KpiAnswer} answer @returns {string} to the cent, for the tooltip */
export const exactValue = (answer) => byUnit(answer.value, answer.unit, { exact: true });

/**
 * @param {string | number | null} value @param {string} unit
 * @returns {string} an amount without its sign, as a gap says it
 */
const size = (value, unit) => {
  const positive = String(value).replace(/^-/, '');
  return unit === 'money'
    ? money(positive)
    : unit === 'ratio'
      ? t('dash.points', { n: number(Number(positive) * 100, { digits: 0 }) })
      : unit === 'count' && Number(positive) >= 1
        ? number(positive)
        : byUnit(positive, unit);
};

/**
 * How far the value is from what is expected by now, in words.
 * @param {Pick<KpiAnswer, 'gap'|'unit'|'target'|'expected_to_date'> & {period?: {to: string}, as_of_day?: string, target_met?: boolean | null}} answer
 * @param {{lower?: boolean}} [options] `lower`: less is better
 * @returns {Gap | null} null without a target
 */
export function gapOf(answer, { lower = false } = {}) {
  if (answer.gap === null || answer.gap === undefined) return null;
  const gap = Number(answer.gap);
  const running = !answer.period || (answer.as_of_day ?? '') < answer.period.to;
  const accrues = running && Number(answer.expected_to_date) !== Number(answer.target);
  const title = answer.unit === 'money' ? moneyExact(answer.gap) : undefined;
  if (gap === 0) return { text: t('dash.on_target'), tone: 'none', direction: null, title };
  const good = lower ? gap < 0 : gap > 0;
  const key = accrues ? (gap > 0 ? 'dash.ahead' : 'dash.behind') : gap > 0 ? 'dash.above' : 'dash.below';
  return {
    text: t(key, { value: size(answer.gap, answer.unit) }),
    tone: good ? 'good' : 'bad',
    direction: gap > 0 ? 'up' : 'down',
    title,
  };
}

/** @param {KpiAnswer} answer @returns {string | null} `79 % de 520 k€` */
export function shareOfTarget(answer) {
  if (answer.target === null) return null;
  const target = byUnit(answer.target, answer.unit);
  return answer.attainment === null || answer.unit === 'ratio' || answer.unit === 'index'
    ? t('dash.target', { target })
    : t('dash.of_target', { share: percent(answer.attainment, { digits: 0 }), target });
}

/** @param {KpiAnswer} answer @returns {string | null} `+9,4 % sur N-1`; null on a base too small to say anything */
export function changeText(answer) {
  const compared = answer.comparisons[0];
  if (!compared || compared.change === null) return null;
  const base = compared.components.count ?? (answer.unit === 'count' ? compared.value : LEAST_BASE);
  if (Number(base) < LEAST_BASE) return null;
  const change = percent(compared.change, { sign: true });
  return t(compared.kind === 'previous' ? 'dash.vs_previous' : 'dash.vs_previous_year', { change });
}

/** @param {KpiAnswer} answer @returns {string | null} the team's average, for a rep */
export const averageText = (answer) =>
  answer.team_average?.value === null || answer.team_average?.value === undefined
    ? null
    : t('dash.team_average', { value: byUnit(answer.team_average.value, answer.unit) });

/** @param {KpiAnswer} answer @returns {(string | number | null)[]} the values of its series, those to come left out */
export const seriesValues = (answer) =>
  (answer?.series ?? []).filter((point) => point.period.from <= answer.as_of_day).map((point) => point.value);

/** @param {string} code @param {string} prefix @returns {string} the text of a code of the API, or the code itself */
export function coded(prefix, code) {
  const key = `${prefix}.${code}`;
  const text = t(key);
  return text === key ? code : text;
}
