import { t } from '../../i18n/index.js';

/**
 * The outstanding amount, each euro in one part. No part is a link: the records behind are those of the whole.
 * @param {import('../types.js').Board} board
 * @returns {import('../../charts/StackedBar.jsx').Part[]}
 */
export function owing(board) {
  const parts = board.kpis.outstanding.components;
  const part = (/** @type {string} */ key, /** @type {any} */ value, /** @type {any} */ more = {}) => ({
    key,
    label: t(`day.owing_${key}`),
    short: t(`day.owing_${key}_short`),
    value: value ?? 0,
    ...more,
  });
  return [
    part('to_deliver', parts.to_deliver),
    part('to_invoice', parts.delivered_not_invoiced),
    part('not_due', parts.unpaid_not_due),
    part('overdue', parts.overdue, { tone: 'bad' }),
  ];
}
