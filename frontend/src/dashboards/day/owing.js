import { t } from '../../i18n/index.js';
import { drillKey } from '../drill.js';

/**
 * The outstanding amount, each euro in one part.
 * @param {import('../types.js').Board} board @param {(panel: string) => string} href
 * @returns {import('../../charts/StackedBar.jsx').Part[]}
 */
export function owing(board, href) {
  const parts = board.kpis.outstanding.components;
  const link = href(drillKey('outstanding'));
  const part = (/** @type {string} */ key, /** @type {any} */ value, /** @type {any} */ more = {}) => ({
    key,
    label: t(`day.owing_${key}`),
    short: t(`day.owing_${key}_short`),
    value: value ?? 0,
    href: link,
    ...more,
  });
  return [
    part('to_deliver', parts.to_deliver),
    part('to_invoice', parts.delivered_not_invoiced),
    part('not_due', parts.unpaid_not_due),
    part('overdue', parts.overdue, { tone: 'bad' }),
  ];
}
