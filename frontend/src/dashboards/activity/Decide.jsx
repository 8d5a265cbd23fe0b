import { day, money, moneyExact } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { rowPath } from '../actions.js';
import { RowAction } from '../RowAction.jsx';

/** The few deals and people that move the period. @param {{board: import('../types.js').Board}} props */
export function Decide({ board }) {
  const list = board.lists.to_decide.map((/** @type {any} */ one) => ({ ...one, details: {} }));
  return (
    <Panel title={t('activity.decide')} sub={t('activity.decide_sub')} flush class="decide">
      {list.length ? (
        <ul>
          {list.map((/** @type {any} */ row) => (
            <li key={`${row.kind}${row.id}`}>
              <a class="decide-name clip" href={rowPath(row)}>
                {row.customer ?? row.title}
              </a>
              <b class="num" title={moneyExact(row.amount)}>
                {money(row.amount)}
              </b>
              <small>{reason(row)}</small>
              <span class="num">
                <RowAction row={row} code={row.action} link />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState title={t('activity.nothing_to_decide')}>
          {t('activity.nothing_to_decide_help')}
        </EmptyState>
      )}
    </Panel>
  );
}

/** @param {any} row @returns {string} why it is here, and whose it is */
function reason({ kind, owner, reason: { code, values } }) {
  const why =
    code === 'slipped'
      ? t('activity.reason_slipped', { n: values.days })
      : code === 'silent'
        ? t('activity.reason_silent', { n: values.days })
        : code === 'to_sign'
          ? t('activity.reason_to_sign', { date: day(values.on) })
          : code === 'expiring'
            ? t('activity.reason_expiring', { n: values.days, number: values.number ?? '' })
            : t('activity.reason_behind');
  const whose = kind !== 'rep' && owner ? ` (${owner})` : '';
  return `${why}${whose}`;
}
