import { recordPath, usePanel } from '../../app/paths.js';
import { StackedBar } from '../../charts/StackedBar.jsx';
import { money, moneyExact, percent, thousandsUnit } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Panel } from '../../ui/Panel.jsx';
import { Tag } from '../../ui/Text.jsx';
import { drillKey } from '../drill.js';
import { owing } from './owing.js';

/** What the portfolio owes, and the customers to watch. @param {{board: import('../types.js').Board}} props */
export function Portfolio({ board }) {
  const { href } = usePanel();
  const { portfolio } = board.lists;
  const { components } = board.kpis.outstanding;
  return (
    <Panel
      title={t('day.portfolio')}
      sub={thousandsUnit(board.currency)}
      link={{ text: t('day.detail'), href: href(drillKey('outstanding')) }}
    >
      <StackedBar label={t('day.portfolio')} parts={owing(board)} legend height={16} />
      <p class="panel-notes">
        {Number(components.late_deliveries) ? (
          <span class="bad">
            {t('day.late_deliveries', {
              n: Number(components.late_deliveries),
              amount: money(components.late_amount),
            })}
          </span>
        ) : (
          <span>{t('day.no_late_delivery')}</span>
        )}
        <a class="link" href={`${recordPath('service-requests')}?status=open`}>
          {t('day.requests', { n: Number(components.open_requests ?? 0) })}
        </a>
      </p>
      {portfolio.items.length ? (
        <ul class="watched">
          {portfolio.items.map((/** @type {any} */ one) => (
            <li key={one.customer_id}>
              <a class="row-link clip" href={recordPath('customers', one.customer_id)}>
                {one.customer}
              </a>
              <a
                class="num"
                href={href(drillKey('outstanding', { customer: one.customer_id }))}
                title={moneyExact(one.outstanding)}
              >
                {money(one.outstanding)}
              </a>
              <span class="drill-facts">
                {one.credit_limit === null ? (
                  <Tag>{t('day.no_limit')}</Tag>
                ) : (
                  <Tag tone={one.over_limit ? 'bad' : 'plain'}>
                    {t('day.limit_used', {
                      share: percent(one.used, { digits: 0 }),
                      limit: money(one.credit_limit),
                    })}
                  </Tag>
                )}
                {one.late_deliveries ? (
                  <Tag tone="bad">{t('day.late_n', { n: one.late_deliveries })}</Tag>
                ) : null}
                {one.open_requests ? (
                  <Tag tone="warn">{t('day.requests', { n: one.open_requests })}</Tag>
                ) : null}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}
