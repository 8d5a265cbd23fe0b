import { useEffect, useState } from 'preact/hooks';
import { query } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { to } from '../../app/paths.js';
import { addDays } from '../../app/periods.js';
import { user } from '../../app/session.js';
import { MiniBars } from '../../charts/MiniBars.jsx';
import { undone } from '../../dashboards/actions.js';
import { Line } from '../../dashboards/day/Todo.jsx';
import { drillKey } from '../../dashboards/drill.js';
import { changeText, exactValue, said, seriesValues, valueParts } from '../../dashboards/figures.js';
import { day, days, money, number, today } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { KpiStrip, KpiTile } from '../../ui/KpiTile.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { ErrorState, Skeleton } from '../../ui/States.jsx';
import { Tag } from '../../ui/Text.jsx';
import { RecordList } from '../engine/RelatedList.jsx';

await Promise.all(['dash', 'do', 'day', 'customer'].map(loadArea));

/** What hangs on a customer, in the order one asks for it. @type {{resource: string, sort?: string}[]} */
const LISTS = [
  { resource: 'contacts' },
  { resource: 'opportunities' },
  { resource: 'quotes' },
  { resource: 'orders' },
  { resource: 'invoices' },
  { resource: 'visits' },
  { resource: 'service-requests' },
  { resource: 'tasks' },
];

/** A customer: what it brings and owes, its own rhythm, then everything about it. @param {{record: any}} props */
export default function Customer({ record }) {
  return (
    <>
      <KpiStrip label={t('customer.figures')} pairs>
        {user.value?.role === 'marketing' ? null : <Amounts customer={record} />}
        <Rhythm customer={record} />
      </KpiStrip>
      {user.value?.role === 'marketing' ? null : <ToDo customer={record} />}
      {LISTS.map(({ resource, sort }) => (
        <RecordList key={resource} resource={resource} filter={{ customer_id: record.id }} sort={sort} />
      ))}
    </>
  );
}

/** What it needs today, as the day's list ranks it. @param {{customer: any}} props */
function ToDo({ customer }) {
  const { data, error, refresh } = useQuery(`/kpi/customers/${customer.id}/todo`);
  const [gone, setGone] = useState(/** @type {string[]} */ ([]));
  useEffect(() => setGone([]), [data, undone.value]);
  /** @type {any[]} */
  const items = (data?.items ?? []).filter((/** @type {any} */ row) => !gone.includes(row.id));
  if (error && !data) return <ErrorState error={error} onRetry={refresh} />;
  // Nothing pressing: no place is taken.
  if (items.length === 0) return null;
  return (
    <Panel title={t('customer.todo')} sub={number(items.length)} flush class="todo">
      <ol class="todo-list">
        {items.map((row, i) => (
          <Line key={row.id} row={row} first={i === 0} onDone={() => setGone((now) => [...now, row.id])} />
        ))}
      </ol>
    </Panel>
  );
}

/** @param {string} screen @param {string} name of a KPI @param {Record<string, string>} filters */
const records = (screen, name, filters) =>
  `${to(screen)}?panel=${encodeURIComponent(drillKey(name, filters))}`;

/** @param {{customer: any}} props */
function Amounts({ customer }) {
  const end = addDays(today(), 1);
  const start = `${Number(end.slice(0, 4)) - 1}${end.slice(4)}`;
  const whose = { customer: customer.id };
  const year = { ...whose, from: start, to: end };
  const revenue = useQuery(
    `/kpi/invoiced_revenue${query({ ...year, interval: 'month', compare: 'previous_year' })}`,
  );
  const pipeline = useQuery(`/kpi/weighted_pipeline${query(whose)}`);
  const owing = useQuery(`/kpi/outstanding${query(whose)}`);
  return (
    <>
      <Figure
        state={revenue}
        facts={(answer) => [t('customer.twelve_months'), changeText(answer)]}
        link={(answer) => ({
          text: t('customer.invoices', { n: Number(answer.count) }),
          href: records('activity', answer.name, year),
        })}
        chart={(answer) => (
          <MiniBars values={seriesValues(answer)} sentence={said(answer.label)} width={130} />
        )}
      />
      <Figure
        state={pipeline}
        facts={(answer) => [t('customer.gross', { amount: money(answer.components.unweighted) })]}
        link={(answer) => ({
          text: t('customer.deals', { n: Number(answer.components.count) }),
          href: records('activity', answer.name, whose),
        })}
      />
      <Figure
        state={owing}
        facts={(answer) => [
          Number(answer.components.overdue) > 0 ? (
            <b class="bad">{t('customer.overdue', { amount: money(answer.components.overdue) })}</b>
          ) : (
            t('customer.nothing_overdue')
          ),
          customer.credit_limit === null
            ? null
            : t('customer.limit', { amount: money(customer.credit_limit) }),
        ]}
        link={(answer) => ({ text: t('customer.detail'), href: records('day', answer.name, whose) })}
      />
    </>
  );
}

/**
 * @param {{state: any, facts: (answer: any) => import('preact').ComponentChildren[],
 *   link: (answer: any) => {text: string, href: string}, chart?: (answer: any) => import('preact').ComponentChildren}} props
 */
function Figure({ state, facts, link, chart }) {
  const answer = state.data;
  if (!answer && state.error) return <ErrorState error={state.error} onRetry={state.refresh} />;
  if (!answer) return <Skeleton height="120px" />;
  return (
    <KpiTile
      label={said(answer.label)}
      value={valueParts(answer)}
      exact={exactValue(answer)}
      reason={answer.value === null ? said(answer.reason) : null}
      facts={facts(answer).filter(Boolean)}
      link={link(answer)}
    >
      {chart?.(answer)}
    </KpiTile>
  );
}

const TONES = /** @type {const} */ ({ active: 'good', inactive: 'warn', lost: 'bad' });

/** Silence against the customer's own cycle. @param {{customer: any}} props */
function Rhythm({ customer }) {
  const state = useQuery(`/kpi/customers/${customer.id}/rhythm`);
  const told = state.data;
  if (!told && state.error) return <ErrorState error={state.error} onRetry={state.refresh} />;
  if (!told) return <Skeleton height="120px" />;
  if (!told.state)
    return (
      <KpiTile label={t('customer.rhythm')} value={{ number: '–' }} reason={t('customer.never_ordered')} />
    );
  return (
    <KpiTile
      label={t('customer.rhythm')}
      value={{ number: number(told.silence_days), after: t('customer.days_silent') }}
      aside={
        <Tag tone={TONES[/** @type {keyof typeof TONES} */ (told.state)]}>
          {t(`customer.state.${told.state}`)}
        </Tag>
      }
      facts={[
        <span key="cycle" title={t(`customer.source.${told.cycle_source}`)}>
          {t('customer.cycle', { days: days(told.cycle_days) })}
        </span>,
        t('customer.last_order', { date: day(told.last_order_on) }),
        told.promised ? t('customer.promised') : null,
        told.visit_due ? <b class="bad">{t('customer.visit_due')}</b> : null,
      ].filter(Boolean)}
    />
  );
}
