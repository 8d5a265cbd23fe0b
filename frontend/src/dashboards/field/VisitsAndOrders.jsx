import { query } from '../../api/client.js';
import { usePanel } from '../../app/paths.js';
import { addDays } from '../../app/periods.js';
import { useScope } from '../../app/scope.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { date, number, percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { DataTable } from '../../ui/DataTable.jsx';
import { usePhone } from '../../ui/hooks.js';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';

/** Visits held and the orders they brought, rep by rep. @param {{board: import('../types.js').Board}} props */
export function VisitsAndOrders({ board }) {
  const { href } = usePanel();
  const phone = usePhone();
  const scope = useScope();
  const total = board.kpis.visit_to_order_ratio;
  const reports = new Map(board.kpis.visit_reports_by_rep.groups.map((group) => [group.key, group]));
  const rows = board.kpis.visit_to_order_ratio_by_rep.groups.map((group) => ({
    id: group.key ?? '',
    key: group.key,
    label: group.label ?? t('dash.unassigned'),
    held: Number(group.components.held ?? 0),
    orders: Number(group.components.orders ?? 0),
    ratio: group.value,
    converted: group.components.held
      ? Number(group.components.with_order ?? 0) / Number(group.components.held)
      : null,
    reports: reports.get(group.key),
  }));
  rows.sort(
    (a, b) => Number(b.ratio ?? Number.POSITIVE_INFINITY) - Number(a.ratio ?? Number.POSITIVE_INFINITY),
  );
  const span = { from: total.period.from, to: total.period.to };
  const max = Math.max(1, ...rows.map((row) => Math.max(row.held, row.orders)));
  const month = t('field.this_period');
  return (
    <Panel
      title={t('field.visits_orders')}
      sub={t('field.span', { from: date(span.from), to: date(addDays(span.to, -1)) })}
      flush
      link={{
        text: t('dash.n_visits', { n: Number(total.components.held ?? 0) }),
        href: href(drillKey(total.name, span)),
      }}
    >
      {rows.length ? (
        <DataTable
          caption={t('field.visits_orders')}
          phone="table"
          rows={rows}
          href={(row) => (row.key ? query({ ...scope.values, rep: row.key }) : undefined)}
          columns={[
            { key: 'label', label: t('scope.rep') },
            {
              key: 'bar',
              label: t('field.orders_of_visits'),
              render: (row) => (
                <Bullet
                  label={`${row.label}, ${t('field.orders_of_visits')}`}
                  value={row.orders}
                  target={row.held}
                  unit="count"
                  max={max * 1.04}
                  height={12}
                  ticks={false}
                  width={phone ? 80 : 190}
                />
              ),
            },
            {
              key: 'held',
              label: t('field.visits'),
              numeric: true,
              wide: true,
              render: (row) => (
                <a class="link-plain" href={href(drillKey(total.name, { ...span, rep: row.key }))}>
                  {number(row.held)}
                </a>
              ),
              sum: number(total.components.held),
            },
            {
              key: 'orders',
              label: t('field.orders'),
              numeric: true,
              wide: true,
              render: (row) => number(row.orders),
              sum: number(total.components.orders),
            },
            {
              key: 'ratio',
              label: t('field.per_order'),
              numeric: true,
              render: (row) =>
                row.ratio === null ? '–' : t('field.one_for', { n: number(row.ratio, { digits: 1 }) }),
              sum: total.value === null ? '–' : t('field.one_for', { n: number(total.value, { digits: 1 }) }),
            },
            {
              key: 'converted',
              label: t('field.followed'),
              numeric: true,
              wide: true,
              render: (row) => percent(row.converted, { digits: 0 }),
              sum: percent(board.kpis.conversion_rate.value, { digits: 0 }),
            },
            {
              key: 'reports',
              label: `${t('field.reports_short')} ${month}`,
              numeric: true,
              wide: true,
              render: (row) =>
                row.reports ? (
                  <a class="link-plain" href={href(drillKey('visit_reports', { rep: row.key }))}>
                    {row.reports.target === null
                      ? number(row.reports.value)
                      : `${number(row.reports.value)} / ${number(row.reports.target)}`}
                  </a>
                ) : (
                  number(0)
                ),
              sum: number(board.kpis.visit_reports.value),
            },
          ]}
        />
      ) : (
        <EmptyState title={t('field.no_visit')}>{t('field.no_visit_help')}</EmptyState>
      )}
    </Panel>
  );
}
