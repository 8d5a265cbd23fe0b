import { useState } from 'preact/hooks';
import { Lazily, withTexts } from '../../app/Lazily.jsx';
import { recordPath, to, usePanel } from '../../app/paths.js';
import { addDays } from '../../app/periods.js';
import { ownPages } from '../../app/registry.js';
import { useScope } from '../../app/scope.js';
import { DotStrip } from '../../charts/DotStrip.jsx';
import { StackedBar } from '../../charts/StackedBar.jsx';
import { dayLong, days, money, number, percent, today } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { Button, IconButton } from '../../ui/Button.jsx';
import { KpiStrip, KpiTile } from '../../ui/KpiTile.jsx';
import { Skeleton } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';
import { Explain } from '../Explain.jsx';
import { changeText, gapOf, valueParts } from '../figures.js';
import { Screen } from '../Screen.jsx';
import { Tile } from '../Tile.jsx';
import { NextVisit } from './NextVisit.jsx';
import { owing } from './owing.js';

await Promise.all([loadArea('dash'), loadArea('day')]);

const TILES = [
  'overdue_visits',
  'quotes_to_follow_up',
  'outstanding',
  'due_customers',
  'quote_conversion_rate',
];
/** The list and the agenda come once the tiles are drawn. */
const below = () => withTexts(import('./Below.jsx'), 'do');
const loadDialog = () => withTexts(import('../ActionDialog.jsx'), 'do');

/** Screen 2: organise one's day. */
export default function Day() {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Screen
        name="day"
        title={t('nav.day')}
        tiles={TILES}
        scope={{ periods: false, compare: false, start: <DayArrows /> }}
        actions={
          <>
            <Button class="laptop-only" onClick={() => setAdding(true)}>
              {t('day.new_task')}
            </Button>
            {ownPages.report ? (
              <Button class="laptop-only" variant="primary" href={to('report')}>
                {t('nav.new_report')}
              </Button>
            ) : null}
          </>
        }
      >
        {(board) => <Board board={board} />}
      </Screen>
      {adding ? (
        <Lazily
          load={loadDialog}
          kind="new_task"
          row={{ resource: 'tasks', id: '', title: null, customer: null, customer_id: null, details: {} }}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </>
  );
}

/** The day looked at: today, or how things stood on a day before. */
function DayArrows() {
  const scope = useScope();
  const now = today();
  const shown = scope.asOf?.slice(0, 10) ?? now;
  const go = (/** @type {string} */ on) => scope.set({ as_of: on < now ? on : null });
  return (
    <span class="scope-period day-arrows">
      <IconButton icon="left" label={t('scope.previous_day')} onClick={() => go(addDays(shown, -1))} />
      <span aria-live="polite">{dayLong(shown).replace(/\s\d{4}$/, '')}</span>
      <IconButton
        icon="right"
        label={t('scope.next_day')}
        disabled={shown >= now}
        onClick={() => go(addDays(shown, 1))}
      />
    </span>
  );
}

/** @param {{board: import('../types.js').Board}} props */
function Board({ board }) {
  const { href } = usePanel();
  const { kpis, lists } = board;
  const visits = kpis.overdue_visits;
  const quotes = kpis.quotes_to_follow_up;
  const amount = { ...quotes, value: quotes.components.amount, unit: 'money', currency: board.currency };
  const oldest = Math.max(0, ...lists.dots.visits.map((/** @type {any} */ one) => one.days));
  const alone = (/** @type {any} */ list) => list.map((/** @type {any} */ one) => one.days);
  // Of thousands, the API gives the first of the list.
  const dotted = (/** @type {string} */ label, /** @type {any} */ list, /** @type {any} */ value) =>
    list.length < Number(value ?? 0) ? t('day.first_dots', { label: t(label), n: list.length }) : t(label);
  const names = (/** @type {any} */ list) => list.map((/** @type {any} */ one) => one.customer);
  return (
    <>
      <NextVisit agenda={lists.agenda} />
      <KpiStrip label={t('dash.kpis')} pairs>
        <Tile
          answer={visits}
          count={t('dash.n_visits', { n: Number(visits.value ?? 0) })}
          lower
          delta={
            bad(
              t('day.over_week', { n: Number(visits.components.over_week ?? 0) }),
              visits.components.over_week,
            ) ?? gapOf(visits, { lower: true })
          }
          aside={
            oldest ? (
              <>
                {t('day.oldest')}
                <br />
                {days(oldest)}
              </>
            ) : null
          }
          facts={[
            Number(visits.components.at_risk)
              ? t('dash.at_risk', { amount: money(visits.components.at_risk) })
              : changeText(visits),
            <a class="link above" key="due" href={href(drillKey('due_customers'))}>
              {t('day.due', { n: Number(kpis.due_customers.value ?? 0) })}
            </a>,
          ].filter(Boolean)}
        >
          <DotStrip
            label={dotted('day.overdue_dots', lists.dots.visits, visits.value)}
            values={alone(lists.dots.visits)}
            titles={names(lists.dots.visits)}
            warn={7}
          />
        </Tile>
        <KpiTile
          id="tile-quotes_to_follow_up"
          label={t('day.quotes')}
          value={valueParts(/** @type {any} */ (amount))}
          definition={<Explain name={quotes.name} label={t('day.quotes')} warnings={quotes.warnings} />}
          delta={bad(
            t('day.expiring', { n: Number(quotes.components.expiring ?? 0) }),
            quotes.components.expiring,
          )}
          aside={
            <>
              {t('dash.n_quotes', { n: Number(quotes.value ?? 0) })}
              <br />
              {t('day.waiting')}
            </>
          }
          facts={[
            t('day.over_15', { n: over15(quotes) }),
            kpis.quote_conversion_rate.value === null ? null : (
              <a class="link above" key="rate" href={href(drillKey('quote_conversion_rate'))}>
                {t('day.converted', { share: percent(kpis.quote_conversion_rate.value) })}
              </a>
            ),
          ].filter(Boolean)}
          link={{
            text: t('dash.n_quotes', { n: Number(quotes.value ?? 0) }),
            href: href(drillKey('quotes_to_follow_up')),
          }}
        >
          <DotStrip
            label={dotted('day.quote_dots', lists.dots.quotes, quotes.value)}
            values={alone(lists.dots.quotes)}
            titles={names(lists.dots.quotes)}
            warn={15}
          />
        </KpiTile>
        <Tile
          answer={kpis.outstanding}
          count={t('day.detail')}
          delta={warn(
            t('day.overdue_amount', { amount: money(kpis.outstanding.components.overdue) }),
            kpis.outstanding.components.overdue,
          )}
          aside={t('day.incl_tax')}
          facts={[
            lists.portfolio.over_limit ? (
              <span class="bad" key="limit">
                {t('day.over_limit', { n: lists.portfolio.over_limit })}
              </span>
            ) : (
              t('dash.n_customers', { n: lists.portfolio.customers })
            ),
          ]}
        >
          <StackedBar label={t('day.outstanding')} parts={owing(board)} />
        </Tile>
        <Tasks tasks={lists.tasks} />
      </KpiStrip>
      <Lazily load={below} board={board} fallback={<Skeleton height="560px" />} />
    </>
  );
}

/** @param {string} text @param {any} count @returns {import('../figures.js').Gap | null} */
const bad = (text, count) => (Number(count) ? { text, tone: 'bad', direction: 'down' } : null);
/** @param {string} text @param {any} amount @returns {import('../figures.js').Gap | null} */
const warn = (text, amount) => (Number(amount) ? { text, tone: 'warn', direction: null } : null);

/** @param {import('../types.js').KpiAnswer} quotes @returns {number} those sent over 15 days ago: a count of records, not of money */
const over15 = (quotes) =>
  ['16-30', '31-60', '60+'].reduce((n, age) => n + Number(quotes.components[`count_${age}`] ?? 0), 0);

/** @param {{tasks: Record<string, number>}} props */
function Tasks({ tasks }) {
  const part = (/** @type {string} */ level) => ({
    key: level,
    label: t(`day.priority_${level}`),
    short: `${t(`day.priority_${level}`)} ${number(tasks[level])}`,
    value: tasks[level],
  });
  return (
    <KpiTile
      id="tile-tasks"
      label={t('day.tasks')}
      value={{ before: '', number: number(tasks.total), after: '' }}
      delta={bad(t('day.late', { n: tasks.late }), tasks.late)}
      aside={t('day.for_today', { n: tasks.today })}
      facts={[t('day.this_week', { n: tasks.this_week })]}
      link={{ text: t('dash.n_tasks', { n: tasks.total }), href: `${recordPath('tasks')}?status=open` }}
    >
      <StackedBar label={t('day.tasks')} unit="count" parts={['high', 'normal', 'low'].map(part)} />
    </KpiTile>
  );
}
