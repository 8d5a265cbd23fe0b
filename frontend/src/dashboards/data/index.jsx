import { Lazily, withTexts } from '../../app/Lazily.jsx';
import { usePanel } from '../../app/paths.js';
import { MiniBars } from '../../charts/MiniBars.jsx';
import { StackedBar } from '../../charts/StackedBar.jsx';
import { money, month, number, percent } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { useWidth } from '../../ui/hooks.js';
import { KpiStrip, KpiTile } from '../../ui/KpiTile.jsx';
import { Skeleton } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';
import { Explain } from '../Explain.jsx';
import { changeText, gapOf, said, shareOfTarget } from '../figures.js';
import { Screen } from '../Screen.jsx';
import { Tile } from '../Tile.jsx';

await Promise.all([loadArea('dash'), loadArea('data')]);

/** The lists come once the tiles are drawn. */
const below = () => withTexts(import('./Below.jsx'), 'do');

const TILES = [
  'contact_completeness',
  'customer_completeness',
  'data_quality_index',
  'new_prospects',
  'new_customers',
  'inactive_customers',
  'lost_customers',
  'churn_rate',
];

/** Screen 3: the health of customer data. */
export default function Data() {
  return (
    <Screen name="data-health" title={t('nav.data')} tiles={TILES}>
      {(board) => (
        <>
          <KpiStrip label={t('dash.kpis')}>
            <Contacts board={board} />
            <Quality answer={board.kpis.data_quality_index} />
            <Prospects board={board} />
            <Leaving board={board} />
          </KpiStrip>
          <Lazily load={below} board={board} fallback={<Skeleton height="560px" />} />
        </>
      )}
    </Screen>
  );
}

/** @typedef {{board: import('../types.js').Board}} Props */

/** @param {Props} props */
function Contacts({ board }) {
  const { href } = usePanel();
  const answer = board.kpis.contact_completeness;
  const cards = board.kpis.customer_completeness;
  return (
    <Tile
      answer={answer}
      count={t('dash.n_contacts', { n: Number(answer.components.count ?? 0) })}
      max={1.04}
      aside={
        <>
          {t('data.complete', { n: Number(answer.components.complete ?? 0) })}
          <br />
          {t('data.out_of', { n: Number(answer.components.count ?? 0) })}
        </>
      }
      facts={[
        shareOfTarget(answer),
        cards.value === null ? null : (
          <a class="link above" key="cards" href={href(drillKey('customer_completeness'))}>
            {t('data.cards', { share: percent(cards.value) })}
          </a>
        ),
      ].filter(Boolean)}
    />
  );
}

const PARTS = /** @type {const} */ (['completeness', 'validity', 'freshness', 'uniqueness']);

/** The index and what it is made of. @param {{answer: import('../types.js').KpiAnswer}} props */
function Quality({ answer }) {
  return (
    <Tile
      answer={answer}
      count={t('dash.n_cards', { n: Number(answer.components.count ?? 0) })}
      aside={t('data.out_of_100')}
      facts={[shareOfTarget(answer), changeText(answer)].filter(Boolean)}
    >
      <ul class="index-parts">
        {PARTS.map((part) => (
          <li key={part}>
            <span>{t(`data.${part}`)}</span>
            <i>
              <i
                style={{ width: `${Math.max(0, Math.min(1, Number(answer.components[part] ?? 0))) * 100}%` }}
              />
            </i>
            <b>{percent(answer.components[part], { digits: 0 })}</b>
          </li>
        ))}
      </ul>
    </Tile>
  );
}

/** @param {Props} props */
function Prospects({ board }) {
  const { href } = usePanel();
  const [bars, width] = useWidth(280);
  const answer = board.kpis.new_prospects;
  const trend = board.kpis.new_prospects_trend.series;
  const fresh = board.kpis.new_customers;
  const best = board.kpis.new_prospects_by_source.groups[0];
  return (
    <Tile
      answer={answer}
      count={t('data.prospects', { n: Number(answer.value ?? 0) })}
      aside={
        best
          ? t('data.best_source', { source: best.label ?? t('dash.unassigned'), n: Number(best.value ?? 0) })
          : null
      }
      facts={[
        shareOfTarget(answer) ?? changeText(answer),
        <a class="link above" key="new" href={href(drillKey('new_customers'))}>
          {t('data.new_customers', { n: Number(fresh.value ?? 0) })}
        </a>,
      ].filter(Boolean)}
    >
      <span class="month-bars fluid" ref={/** @type {any} */ (bars)}>
        <MiniBars
          values={trend.map((point) => point.value)}
          width={width}
          height={31}
          sentence={trend.map((point) => `${month(point.period.from)} ${number(point.value)}`).join(', ')}
        />
      </span>
    </Tile>
  );
}

/** Customers who go quiet, and those gone. @param {Props} props */
function Leaving({ board }) {
  const { href } = usePanel();
  const { inactive_customers: inactive, lost_customers: lost, churn_rate: churn } = board.kpis;
  const { counts } = board.lists.strip;
  const parts = [
    { key: 'active', label: t('chart.active'), value: counts.active },
    { key: 'inactive', label: t('chart.inactive'), value: counts.inactive },
    { key: 'lost', label: t('chart.lost'), value: counts.lost, tone: /** @type {const} */ ('bad') },
  ];
  const stake = lost.components.at_stake;
  return (
    <KpiTile
      id="tile-inactive_customers"
      label={t('data.leaving')}
      value={{ before: '', number: number(inactive.value), after: '' }}
      definition={
        <Explain name="inactive_customers" label={said(inactive.label)} warnings={inactive.warnings} />
      }
      delta={
        Number(lost.value)
          ? { text: t('data.lost', { n: Number(lost.value) }), tone: 'bad', direction: 'down' }
          : gapOf(inactive, { lower: true })
      }
      aside={
        <>
          {t('data.silent', { n: Number(inactive.components.silent ?? 0) })}
          {stake !== null && Number(stake) ? (
            <>
              <br />
              {t('data.lost_stake', { amount: money(stake) })}
            </>
          ) : null}
        </>
      }
      facts={[
        churn.value === null ? null : t('data.churn', { share: percent(churn.value) }),
        <a class="link above" key="lost" href={href(drillKey('lost_customers'))}>
          {t('data.n_lost', { n: Number(lost.value ?? 0) })}
        </a>,
      ].filter(Boolean)}
      link={{
        text: t('data.n_inactive', { n: Number(inactive.value ?? 0) }),
        href: href(drillKey('inactive_customers')),
      }}
    >
      <StackedBar label={t('data.leaving')} unit="count" parts={parts} />
    </KpiTile>
  );
}
