import { useState } from 'preact/hooks';
import { query } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { usePanel } from '../../app/paths.js';
import { useScope } from '../../app/scope.js';
import { user } from '../../app/session.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { MiniBars } from '../../charts/MiniBars.jsx';
import { moneyExact, number, percent, thousands, thousandsUnit } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Segmented } from '../../ui/Choices.jsx';
import { DataTable } from '../../ui/DataTable.jsx';
import { usePhone } from '../../ui/hooks.js';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, Skeleton } from '../../ui/States.jsx';
import { Delta } from '../../ui/Text.jsx';
import { drillKey } from '../drill.js';

const PARTS = /** @type {const} */ ([
  'invoiced_revenue',
  'ordered_amount',
  'average_basket',
  'weighted_pipeline',
]);
/** Under this coverage of what is left to win, the month is in danger. */
const THIN = 0.8;

/** @param {import('../types.js').Board} board @param {string} by @returns {Record<string, import('../types.js').Group[]> | null} groups of each KPI */
function useGroups(board, by) {
  const scope = useScope();
  const path = (/** @type {string} */ name) =>
    by === 'rep' ? null : `/kpi/${name}${query({ ...scope.values, compare: null, group_by: by })}`;
  const asked = PARTS.map((name) => useQuery(path(name)).data);
  if (by === 'rep')
    return Object.fromEntries(PARTS.map((name) => [name, board.kpis[`${name}_by_rep`].groups]));
  if (asked.some((answer) => !answer)) return null;
  return Object.fromEntries(PARTS.map((name, i) => [name, asked[i].groups]));
}

/** @param {Record<string, import('../types.js').Group[]>} groups @returns {any[]} one row a rep, team or unit */
export function rowsOf(groups) {
  /** @type {Map<string, any>} */
  const rows = new Map();
  for (const [name, list] of Object.entries(groups))
    for (const group of list) {
      const id = group.key ?? '';
      rows.set(id, { ...(rows.get(id) ?? { id, key: group.key, label: group.label }), [name]: group });
    }
  return [...rows.values()];
}

/** @param {any} row @param {string} key @returns {number | string | null} */
function sortValue(row, key) {
  if (key === 'label') return row.label ?? '';
  if (key === 'value') return num(row.invoiced_revenue?.value);
  if (key === 'gap') return num(row.invoiced_revenue?.gap);
  if (key === 'orders') return num(row.ordered_amount?.components.count);
  if (key === 'basket') return num(row.average_basket?.value);
  if (key === 'coverage') return num(row.weighted_pipeline?.components.coverage);
  return num(row.weighted_pipeline?.value);
}
const num = (/** @type {any} */ value) => (value === null || value === undefined ? null : Number(value));

/** @param {any[]} rows @param {string} sort `-gap` for descending; the unknown come last @returns {any[]} */
export function sorted(rows, sort) {
  const down = sort.startsWith('-');
  const key = down ? sort.slice(1) : sort;
  return [...rows].sort((a, b) => {
    const [x, y] = [sortValue(a, key), sortValue(b, key)];
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return down ? -order : order;
  });
}

/** Each rep (team, unit) against the pace, who needs help first. @param {{board: import('../types.js').Board}} props */
export function Team({ board }) {
  const panel = usePanel();
  const scope = useScope();
  const phone = usePhone();
  const [by, setBy] = useState('rep');
  const [sort, setSort] = useState('gap');
  const groups = useGroups(board, by);
  const wide = user.value?.role === 'director' || user.value?.role === 'admin';
  const rows = groups ? sorted(rowsOf(groups), sort) : [];
  const max = Math.max(
    1,
    ...rows.map((row) =>
      Math.max(Number(row.invoiced_revenue?.value ?? 0), Number(row.invoiced_revenue?.target ?? 0)),
    ),
  );
  const {
    invoiced_revenue: revenue,
    ordered_amount: orders,
    average_basket: basket,
    weighted_pipeline: pipeline,
  } = board.kpis;
  const visits = board.lists.visits;
  const busiest = Math.max(1, ...Object.values(visits.reps).flat());
  const link = (/** @type {string} */ kpi, /** @type {any} */ row, /** @type {any} */ text) =>
    text === null ? null : (
      <a class="link-plain" href={panel.href(drillKey(kpi, { [by]: row.key }))}>
        {text}
      </a>
    );
  const gap = (/** @type {any} */ value) =>
    value === null || value === undefined ? null : (
      <Delta
        tone={Number(value) < 0 ? 'bad' : 'good'}
        direction={Number(value) < 0 ? 'down' : 'up'}
        title={moneyExact(value)}
      >
        {number(Number(value) / 1000, { sign: true, digits: Math.abs(Number(value)) < 950 ? 1 : 0 })}
      </Delta>
    );
  const coverage = (/** @type {any} */ value) =>
    value === null || value === undefined ? null : (
      <span class={Number(value) < THIN ? 'bad strong' : ''}>{percent(value, { digits: 0 })}</span>
    );
  const unit = thousandsUnit(board.currency);
  /** @type {import('../../ui/DataTable.jsx').Column[]} */
  const columns = [
    {
      key: 'label',
      label: t(`activity.who_${by}`),
      sortable: true,
      render: (row) => row.label ?? t('dash.unassigned'),
    },
    {
      key: 'bullet',
      label: t('activity.invoiced_and_target'),
      render: ({ label, invoiced_revenue: of }) => (
        <Bullet
          label={label ?? t('dash.unassigned')}
          value={of?.value ?? null}
          pace={of?.expected_to_date}
          target={of?.target}
          max={max * 1.04}
          height={12}
          ticks={false}
          width={phone ? 84 : 124}
        />
      ),
    },
    {
      key: 'value',
      label: unit,
      numeric: true,
      sortable: true,
      render: (row) =>
        link('invoiced_revenue', row, row.invoiced_revenue ? thousands(row.invoiced_revenue.value) : null),
      exact: (row) => (row.invoiced_revenue ? moneyExact(row.invoiced_revenue.value) : undefined),
      sum: thousands(revenue.value),
    },
    {
      key: 'gap',
      label: t('activity.gap'),
      short: t('activity.gap_short'),
      numeric: true,
      sortable: true,
      render: (row) => gap(row.invoiced_revenue?.gap),
      sum: gap(revenue.gap),
    },
    {
      key: 'orders',
      label: t('activity.orders'),
      numeric: true,
      sortable: true,
      wide: true,
      render: (row) =>
        link('ordered_amount', row, row.ordered_amount ? number(row.ordered_amount.components.count) : null),
      sum: number(orders.components.count),
    },
    {
      key: 'basket',
      label: t('activity.basket', { unit }),
      numeric: true,
      sortable: true,
      wide: true,
      render: (row) => (row.average_basket ? thousands(row.average_basket.value, 1) : null),
      exact: (row) => (row.average_basket ? moneyExact(row.average_basket.value) : undefined),
      sum: thousands(basket.value, 1),
    },
    {
      key: 'pipeline',
      label: t('activity.pipeline'),
      numeric: true,
      sortable: true,
      wide: true,
      render: (row) =>
        link('weighted_pipeline', row, row.weighted_pipeline ? thousands(row.weighted_pipeline.value) : null),
      exact: (row) => (row.weighted_pipeline ? moneyExact(row.weighted_pipeline.value) : undefined),
      sum: thousands(pipeline.value),
    },
    ...(by === 'rep'
      ? [
          {
            key: 'coverage',
            label: t('activity.covered'),
            numeric: true,
            sortable: true,
            wide: true,
            render: (/** @type {any} */ row) => coverage(row.weighted_pipeline?.components.coverage),
            sum: coverage(pipeline.components.coverage),
          },
          {
            key: 'visits',
            label: t('activity.visits', { n: visits.days.length }),
            numeric: true,
            wide: true,
            render: (/** @type {any} */ row) => {
              const held = visits.reps[row.id] ?? visits.days.map(() => 0);
              return row.key ? (
                <MiniBars
                  values={held}
                  max={busiest}
                  sentence={t('activity.visits_say', { list: held.join(', ') })}
                />
              ) : null;
            },
          },
        ]
      : []),
  ];
  const whole = scope.one('rep') || scope.one('team') || scope.one('business_unit');
  return (
    <Panel
      title={t(`activity.by_${by}`)}
      sub={sort === 'gap' ? t('activity.help_first') : undefined}
      flush
      class="by-rep"
      actions={
        wide ? (
          <Segmented
            label={t('activity.grouped')}
            items={['rep', 'team', 'business_unit'].map((value) => ({
              value,
              label: t(`activity.tab_${value}`),
            }))}
            value={by}
            onChange={setBy}
          />
        ) : null
      }
    >
      {!groups ? (
        <div class="panel-body">
          <Skeleton lines={6} />
        </div>
      ) : rows.length ? (
        <DataTable
          caption={t(`activity.by_${by}`)}
          columns={columns}
          rows={rows}
          sort={sort}
          onSort={setSort}
          href={(row) => (row.key ? scopeHref(scope, by, row.key) : undefined)}
          phone="table"
          sumLabel={whole || !wide ? t('ui.total') : board.company}
        />
      ) : (
        <EmptyState title={t('activity.nobody')}>{t('activity.nobody_help')}</EmptyState>
      )}
    </Panel>
  );
}

/** The same screen narrowed to one of the rows. @param {import('../../app/scope.js').Scope} scope @param {string} by @param {string} id */
const scopeHref = (scope, by, id) => query({ ...scope.values, [by]: id });
