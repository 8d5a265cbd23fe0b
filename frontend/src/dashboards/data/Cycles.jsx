import { recordPath, usePanel } from '../../app/paths.js';
import { ChartFrame } from '../../charts/ChartFrame.jsx';
import { CycleStrip } from '../../charts/CycleStrip.jsx';
import { date, days, money, number } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { usePhone } from '../../ui/hooks.js';
import { EmptyState } from '../../ui/States.jsx';
import { Tag } from '../../ui/Text.jsx';
import { drillKey } from '../drill.js';
import { RowAction } from '../RowAction.jsx';

const SHOWN = 5;

/** Each customer by silence over its own rhythm, and whom to call first. @param {{board: import('../types.js').Board}} props */
export function Cycles({ board }) {
  const { href } = usePanel();
  const phone = usePhone();
  const { strip, cycles } = board.lists;
  const customers = strip.items
    .filter((/** @type {any} */ one) => one.ratio !== null)
    .map((/** @type {any} */ one) => ({
      key: one.customer_id,
      label: one.customer ?? t('dash.untitled'),
      ratio: one.ratio,
      silence: one.silence_days,
      cycle: one.cycle_days,
      amount: one.at_stake,
      href: recordPath('customers', one.customer_id),
    }));
  const table = {
    columns: [
      { key: 'label', label: t('chart.customer') },
      { key: 'silence', label: t('chart.silence'), numeric: true, format: days },
      { key: 'cycle', label: t('chart.cycle'), numeric: true, format: days },
      {
        key: 'ratio',
        label: t('chart.ratio'),
        numeric: true,
        format: (/** @type {any} */ v) => number(v, { digits: 1 }),
      },
    ],
    rows: customers,
  };
  const worst = [...cycles]
    .sort((a, b) => Number(b.details.at_stake ?? 0) - Number(a.details.at_stake ?? 0))
    .slice(0, SHOWN);
  return (
    <ChartFrame
      title={t('data.cycles')}
      sub={t('data.cycles_sub')}
      link={{
        text: t('data.n_inactive', { n: strip.counts.inactive }),
        href: href(drillKey('inactive_customers')),
      }}
      table={table}
      class="cycles"
    >
      {customers.length ? (
        <div class="cycles-body">
          <CycleStrip
            label={t('data.cycles')}
            customers={customers}
            counts={strip.counts}
            height={phone ? 170 : 290}
          />
          <ul class="watched">
            {worst.map((row) => (
              <li key={row.id}>
                <a class="row-link clip" href={recordPath('customers', row.id)}>
                  {row.customer ?? row.title}
                </a>
                <RowAction row={row} code={row.details.next_action} link />
                <span class="drill-facts">
                  <Tag tone={row.details.state === 'lost' ? 'bad' : 'warn'}>
                    {t('dash.silence', {
                      days: days(row.details.silence_days),
                      cycle: days(row.details.cycle_days),
                    })}
                  </Tag>
                  {row.details.at_stake ? (
                    <Tag>{t('dash.at_stake', { amount: money(row.details.at_stake) })}</Tag>
                  ) : null}
                  {row.details.answers ? null : <Tag tone="bad">{t('dash.no_answer')}</Tag>}
                  <small class="quiet">
                    {t('data.last_order', { date: date(row.details.last_order_on) })}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <EmptyState title={t('data.no_order')}>{t('data.no_order_help')}</EmptyState>
      )}
    </ChartFrame>
  );
}
