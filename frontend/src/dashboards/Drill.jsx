import { useState } from 'preact/hooks';
import { API, get, query } from '../api/client.js';
import { useQuery } from '../api/query.js';
import { usePanel } from '../app/paths.js';
import { ScopeChips } from '../app/ScopeBar.jsx';
import { useScope } from '../app/scope.js';
import { byUnit, date, day, days, money } from '../i18n/format.js';
import { language, t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { FilterChips } from '../ui/Choices.jsx';
import { SidePanel } from '../ui/Dialog.jsx';
import { EmptyState, ErrorState, errorText, Skeleton } from '../ui/States.jsx';
import { Tag } from '../ui/Text.jsx';
import { toast } from '../ui/Toast.jsx';
import { rowPath } from './actions.js';
import { drillKey, recordsParams } from './drill.js';
import { useCatalogue } from './Explain.jsx';
import { coded, said } from './figures.js';
import { RowAction } from './RowAction.jsx';

/**
 * The records behind a number: same KPI, same scope, same period, so that the total is the number clicked.
 * @param {{drill: import('./drill.js').Drill, board: import('./types.js').Board, onClose: () => void}} props
 */
export default function Drill({ drill, board, onClose }) {
  const scope = useScope();
  const panel = usePanel();
  const kpi = useCatalogue(drill.name);
  const params = recordsParams(scope.values, drill.filters);
  const path = `/kpi/${drill.name}/records`;
  const { data, error, refresh } = useQuery(`${path}${query(params)}`);
  const [more, setMore] = useState(/** @type {{of: string, pages: any[]}} */ ({ of: '', pages: [] }));
  const [busy, setBusy] = useState(false);
  const key = query(params);
  const pages = more.of === key ? more.pages : [];
  const items = [...(data?.items ?? []), ...pages.flatMap((page) => page.items)];
  const next = pages.length ? pages.at(-1).next_cursor : data?.next_cursor;
  const follow = async () => {
    setBusy(true);
    try {
      const page = await get(`${path}${query({ ...params, cursor: next })}`);
      setMore({ of: key, pages: [...pages, page.data] });
    } catch (problem) {
      toast(errorText(problem), { tone: 'bad' });
    }
    setBusy(false);
  };
  const chips = Object.entries(drill.filters)
    .filter(([name]) => name !== 'from' && name !== 'to')
    .map(([name, value]) => ({
      key: name,
      label: labelOf(board, name, value),
      onRemove: () => panel.open(drillKey(drill.name, without(drill.filters, name))),
    }));
  if (drill.filters.from)
    chips.push({
      key: 'from',
      label: `${date(drill.filters.from)} – ${date(dayBefore(drill.filters.to))}`,
      onRemove: () => panel.open(drillKey(drill.name, without(drill.filters, 'from', 'to'))),
    });
  const file = (/** @type {string} */ format) =>
    `${API}${path}${query({ ...params, format, dialect: format === 'csv' && language.value === 'fr' ? 'excel-fr' : null })}`;
  return (
    <SidePanel
      open
      class="drill"
      onClose={onClose}
      title={said(kpi?.label) || said(board.kpis[drill.name]?.label) || t('dash.records')}
      sub={data ? <Totals data={data} kpi={kpi} /> : null}
      tools={
        <span class="row laptop-only">
          {['csv', 'xlsx'].map((format) => (
            <Button key={format} size="small" href={file(format)} download>
              {format.toUpperCase()}
            </Button>
          ))}
        </span>
      }
    >
      <div class="stack">
        <div class="row">
          <ScopeChips period={!drill.filters.from} />
          <FilterChips label={t('dash.narrowed')} items={chips} />
        </div>
        {error && !data ? (
          <ErrorState error={error} onRetry={refresh} />
        ) : !data ? (
          <Skeleton lines={9} />
        ) : items.length ? (
          <ul class="drill-list">
            {items.map((row) => (
              <Line key={row.id} row={row} data={data} kpi={kpi} />
            ))}
          </ul>
        ) : (
          <EmptyState title={t('dash.no_records')}>{t('dash.no_records_help')}</EmptyState>
        )}
        {next ? (
          <Button busy={busy} onClick={follow}>
            {t('dash.more', { n: data.count - items.length })}
          </Button>
        ) : null}
      </div>
    </SidePanel>
  );
}

/** @param {Record<string, string>} filters @param {...string} names */
const without = (filters, ...names) =>
  Object.fromEntries(Object.entries(filters).filter(([name]) => !names.includes(name)));

/** @param {string} end excluded @returns {string} */
const dayBefore = (end) => new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10);

/** The name of what a row narrows to, found where the screen shows it. @param {any} board @param {string} name @param {string} value @returns {string} */
function labelOf(board, name, value) {
  if (value === 'unassigned') return t('dash.unassigned');
  for (const answer of Object.values(board.kpis))
    for (const group of /** @type {any} */ (answer).groups)
      if (group.key === value && group.label) return group.label;
  const listed = board.lists.portfolio?.items.find((/** @type {any} */ one) => one.customer_id === value);
  return listed?.customer ?? (name === 'source' ? value : t(`scope.${name}`));
}

/** What the records of a KPI are called. @type {Record<string, string>} */
const NOUNS = {
  invoices: 'dash.n_invoices',
  orders: 'dash.n_orders',
  opportunities: 'dash.n_deals',
  visits: 'dash.n_visits',
  quotes: 'dash.n_quotes',
  customers: 'dash.n_customers',
  contacts: 'dash.n_contacts',
  leads: 'dash.n_leads',
  'action-plans': 'dash.n_plans',
};
/** @param {any} kpi @returns {string} key of its text */
const noun = (kpi) =>
  kpi?.name === 'data_quality_index' ? 'dash.n_cards' : (NOUNS[kpi?.resource] ?? 'dash.n_records');

/** How many records, and what they make. @param {{data: any, kpi: any}} props */
function Totals({ data, kpi }) {
  const names = Object.keys(data.totals);
  const { counted } = data;
  const input = (/** @type {string} */ name) =>
    kpi?.inputs.find((/** @type {any} */ one) => one.name === name);
  const sums = names.length === 1 && data.unit === 'count' ? [] : names;
  return (
    <span class="totals">
      {counted === null ? null : <b data-counted={counted}>{t(noun(kpi), { n: counted })}</b>}
      {counted === data.count ? null : (
        <span data-count={data.count}>{t('dash.n_records', { n: data.count })}</span>
      )}
      {(kpi?.unit === 'ratio' || kpi?.unit === 'number') &&
      names.length === 2 &&
      Number(data.totals[names[1]]) ? (
        <b>{byUnit(Number(data.totals[names[0]]) / Number(data.totals[names[1]]), kpi.unit)}</b>
      ) : null}
      {sums.map((name) => {
        const unit = input(name)?.unit ?? data.unit;
        return (
          <span key={name}>
            {said(input(name)?.label) || name}{' '}
            <b data-total={data.totals[name]}>{byUnit(data.totals[name], unit, { exact: true })}</b>
          </span>
        );
      })}
    </span>
  );
}

/** @param {{row: import('./types.js').Row, data: any, kpi: any}} props */
function Line({ row, data, kpi }) {
  const main = row.customer ?? row.title ?? t('dash.untitled');
  const under = [
    row.customer && row.title !== row.customer ? row.title : null,
    row.city,
    row.owner,
    row.on ? day(row.on) : null,
  ].filter(Boolean);
  return (
    <li class="drill-row">
      <div class="drill-what">
        <a class="row-link" href={rowPath(row)}>
          <b>{main}</b>
        </a>
        <small>{under.join(', ')}</small>
        <Facts row={row} />
      </div>
      <span class="drill-amount" title={t('dash.contribution')}>
        {share(row, data, kpi)}
      </span>
      <RowAction row={row} code={row.details.next_action} />
    </li>
  );
}

/** What the record adds to the number. @param {import('./types.js').Row} row @param {any} data @param {any} kpi */
function share(row, data, kpi) {
  const given = Object.entries(row.contributions ?? {});
  if (given.length === 1) {
    const [name, value] = given[0];
    const unit = kpi?.inputs.find((/** @type {any} */ one) => one.name === name)?.unit ?? data.unit;
    if (unit === 'count') return row.details.amount ? money(row.details.amount) : null;
    return byUnit(value, unit, { exact: true });
  }
  if (given.length === 2) {
    const [[, top], [name, bottom]] = given;
    const unit = (/** @type {string} */ n) =>
      kpi?.inputs.find((/** @type {any} */ one) => one.name === n)?.unit ?? 'count';
    if (unit(given[0][0]) === 'money' && unit(name) === 'count') return byUnit(top, 'money', { exact: true });
    return `${byUnit(top, unit(given[0][0]))} / ${byUnit(bottom, unit(name))}`;
  }
  return null;
}

/** What makes it urgent. @param {{row: import('./types.js').Row}} props */
function Facts({ row }) {
  const d = row.details;
  /** @type {{tone: 'plain'|'bad'|'warn', text: string}[]} */
  const facts = [];
  const add = (/** @type {'plain'|'bad'|'warn'} */ tone, /** @type {string} */ text) =>
    facts.push({ tone, text });
  if (d.days_late) add(d.days_late > 7 ? 'bad' : 'warn', t('dash.late_days', { n: d.days_late }));
  if (d.rescheduled) add('plain', t('dash.rescheduled'));
  if (d.reason && row.resource === 'quotes')
    add(d.reason === 'expiring' ? 'bad' : 'warn', coded('dash.quote', d.reason));
  if (d.expires_in_days !== null && d.expires_in_days !== undefined && d.expires_in_days >= 0)
    add('plain', t('dash.expires_in', { n: d.expires_in_days }));
  if (d.slipped) add('bad', t('dash.slipped'));
  if (d.probability) add('plain', t('dash.probability', { value: byUnit(d.probability, 'ratio') }));
  if (d.days_overdue > 0) add('bad', t('dash.overdue_days', { n: d.days_overdue }));
  if (d.late_lines) add('bad', t('dash.late_lines', { n: d.late_lines }));
  if (d.missing?.length)
    add(
      'warn',
      t('dash.missing', {
        fields: d.missing.map((/** @type {string} */ f) => coded('dash.field', f)).join(', '),
      }),
    );
  if (d.invalid?.length)
    add(
      'bad',
      t('dash.invalid', {
        fields: d.invalid.map((/** @type {string} */ f) => coded('dash.field', f)).join(', '),
      }),
    );
  if (d.duplicated) add('warn', t('dash.duplicated'));
  if (d.silence_days !== undefined)
    add(
      d.state === 'lost' ? 'bad' : 'warn',
      t('dash.silence', { days: days(d.silence_days), cycle: days(d.cycle_days) }),
    );
  if (d.answers === false) add('bad', t('dash.no_answer'));
  if (d.orders) add('plain', t('dash.n_orders', { n: d.orders }));
  if (d.reported === false) add('warn', t('dash.not_reported'));
  if (d.last_visit_on) add('plain', t('dash.last_visit', { date: date(d.last_visit_on) }));
  if (d.at_risk && Number(d.at_risk)) add('plain', t('dash.at_risk', { amount: money(d.at_risk) }));
  if (d.at_stake && Number(d.at_stake)) add('plain', t('dash.at_stake', { amount: money(d.at_stake) }));
  if (d.state && row.resource === 'action-plans')
    add(d.state === 'on_track' ? 'plain' : 'bad', coded('dash.state', d.state));
  return facts.length ? (
    <span class="drill-facts">
      {facts.map((fact) => (
        <Tag key={fact.text} tone={fact.tone}>
          {fact.text}
        </Tag>
      ))}
    </span>
  ) : null;
}
