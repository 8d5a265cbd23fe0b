import { Lazily, withTexts } from '../../app/Lazily.jsx';
import { recordPath, usePanel } from '../../app/paths.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { MiniBars } from '../../charts/MiniBars.jsx';
import { PlanBullets } from '../../charts/PlanBullets.jsx';
import { day, money, number, percent } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { KpiStrip, KpiTile } from '../../ui/KpiTile.jsx';
import { Skeleton } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';
import { Explain } from '../Explain.jsx';
import { averageText, changeText, gapOf, said, shareOfTarget } from '../figures.js';
import { Screen } from '../Screen.jsx';
import { Tile } from '../Tile.jsx';

await Promise.all([loadArea('dash'), loadArea('field')]);

/** The tables come once the tiles are drawn. */
const below = () => withTexts(import('./Below.jsx'), 'do');

const TILES = [
  'visit_reports',
  'visit_to_order_ratio',
  'conversion_rate',
  'action_plan_progress',
  'qualified_leads',
];

/** Screen 4: the dynamics of the field. Marketing sees the leads only. */
export default function FieldScreen() {
  return (
    <Screen name="field" title={t('nav.field')} tiles={TILES}>
      {(board) => (
        <>
          <KpiStrip label={t('dash.kpis')}>
            {board.kpis.visit_reports ? <VisitReports board={board} /> : null}
            {board.kpis.visit_to_order_ratio ? <VisitsPerOrder board={board} /> : null}
            {board.kpis.action_plan_progress ? <PlansTile answer={board.kpis.action_plan_progress} /> : null}
            <LeadsTile board={board} />
            {board.kpis.visit_reports ? null : <LeadFlow board={board} />}
          </KpiStrip>
          <Lazily load={below} board={board} fallback={<Skeleton height="560px" />} />
        </>
      )}
    </Screen>
  );
}

/** @typedef {{board: import('../types.js').Board}} Props */

/** @param {Props} props */
function VisitReports({ board }) {
  const answer = board.kpis.visit_reports;
  const weeks = board.kpis.visit_reports_trend.series;
  const held = Number(answer.components.held ?? 0);
  return (
    <Tile
      answer={answer}
      count={t('field.n_reports', { n: Number(answer.value ?? 0) })}
      aside={
        <MiniBars
          values={weeks.map((point) => point.value)}
          width={124}
          height={34}
          sentence={t('field.weeks_say', {
            list: weeks.map((point) => `${day(point.period.from)} ${number(point.value)}`).join(', '),
          })}
        />
      }
      facts={[
        shareOfTarget(answer),
        averageText(answer) ?? (
          <span key="held" class={held > Number(answer.value) ? 'bad' : ''}>
            {t('field.reported', { share: percent(answer.components.reported_share, { digits: 0 }) })}
          </span>
        ),
        shareOfTarget(answer) ? null : changeText(answer),
      ].filter(Boolean)}
    />
  );
}

/** "1 pour 3,1": how many visits an order takes. @param {Props} props */
function VisitsPerOrder({ board }) {
  const { href } = usePanel();
  const answer = board.kpis.visit_to_order_ratio;
  const converted = board.kpis.conversion_rate;
  const label = said(answer.label);
  const span = { from: answer.period.from, to: answer.period.to };
  const held = Number(answer.components.held ?? 0);
  const orders = Number(answer.components.orders ?? 0);
  const value =
    answer.value === null
      ? { before: '', number: number(null), after: '' }
      : { before: '', number: t('field.one_for', { n: number(answer.value, { digits: 1 }) }), after: '' };
  return (
    <KpiTile
      id={`tile-${answer.name}`}
      label={label}
      value={value}
      exact={answer.value === null ? undefined : number(answer.value, { digits: 2 })}
      definition={<Explain name={answer.name} label={label} warnings={answer.warnings} />}
      delta={null}
      aside={
        <>
          {t('field.six_months')}
          <br />
          {t('dash.n_orders', { n: orders })}
        </>
      }
      reason={answer.value === null ? said(answer.reason) : null}
      facts={[
        changeText(answer),
        converted.value === null ? null : (
          <a class="link above" key="rate" href={href(drillKey('conversion_rate', span))}>
            {t('field.with_order', { share: percent(converted.value, { digits: 0 }) })}
          </a>
        ),
      ].filter(Boolean)}
      link={{ text: t('dash.n_visits', { n: held }), href: href(drillKey(answer.name, span)) }}
    >
      <Bullet label={t('field.orders_of_visits')} value={orders} target={held} unit="count" />
    </KpiTile>
  );
}

/** @param {{answer: import('../types.js').KpiAnswer}} props */
function PlansTile({ answer }) {
  const c = answer.components;
  const late = Number(c.late ?? 0) + Number(c.effort_without_result ?? 0);
  return (
    <Tile
      answer={answer}
      count={t('dash.n_plans', { n: Number(c.count ?? 0) })}
      delta={late ? { text: t('field.plans_late', { n: late }), tone: 'bad', direction: 'down' } : null}
      aside={
        c.revenue_target && Number(c.revenue_target)
          ? t('field.revenue_of', { done: money(c.revenue), target: money(c.revenue_target) })
          : null
      }
      facts={[t('field.actions_done', { share: percent(c.actions, { digits: 0 }) })]}
    >
      <span class="rings">
        <PlanBullets label={said(answer.label)} actions={c.actions} revenue={c.revenue_ring} time={c.time} />
      </span>
    </Tile>
  );
}

/** @param {Props} props */
function LeadsTile({ board }) {
  const answer = board.kpis.qualified_leads;
  const months = board.kpis.qualified_leads_trend.series;
  const c = answer.components;
  return (
    <Tile
      answer={answer}
      count={t('dash.n_leads', { n: Number(answer.value ?? 0) })}
      delta={gapOf(answer)}
      aside={
        <MiniBars
          values={months.map((point) => point.value)}
          width={124}
          height={34}
          sentence={months.map((point) => `${point.period.label} ${number(point.value)}`).join(', ')}
        />
      }
      facts={[
        shareOfTarget(answer) ?? changeText(answer),
        c.qualification_rate === null
          ? null
          : t('field.qualified_share', { share: percent(c.qualification_rate, { digits: 0 }) }),
      ].filter(Boolean)}
    />
  );
}

/** For marketing, who see no visits: the steps of a lead, a tile each. @param {Props} props */
function LeadFlow({ board }) {
  const c = board.kpis.qualified_leads.components;
  const tile = (
    /** @type {string} */ key,
    /** @type {any} */ text,
    /** @type {any} */ part,
    /** @type {any} */ whole,
  ) => (
    <KpiTile
      key={key}
      label={t(`field.tile_${key}`)}
      value={{ before: '', number: text, after: '' }}
      link={
        key === 'created'
          ? { text: t('dash.n_leads', { n: Number(c.created ?? 0) }), href: recordPath('leads') }
          : null
      }
    >
      <Bullet
        label={t(`field.tile_${key}`)}
        value={part}
        target={whole}
        unit={key === 'created' ? 'count' : 'ratio'}
      />
    </KpiTile>
  );
  return (
    <>
      {tile('created', number(c.created), c.created, null)}
      {tile('qualification', percent(c.qualification_rate, { digits: 0 }), c.qualification_rate, 1)}
      {tile('conversion', percent(c.conversion_rate, { digits: 0 }), c.conversion_rate, 1)}
    </>
  );
}
