import { usePanel } from '../../app/paths.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { Spark } from '../../charts/Spark.jsx';
import { percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { KpiTile } from '../../ui/KpiTile.jsx';
import { drillKey } from '../drill.js';
import { Explain } from '../Explain.jsx';
import { averageText, changeText, exactValue, gapOf, said, shareOfTarget, valueParts } from '../figures.js';
import { NoTarget } from '../Tile.jsx';

/**
 * The orders, with the margin and discount they were won at: a target reached at any price is not reached.
 * @param {{board: import('../types.js').Board}} props
 */
export function Orders({ board }) {
  const { href } = usePanel();
  const answer = board.kpis.ordered_amount;
  const label = said(answer.label);
  const { margin_rate: margin, discount_rate: discount } = answer.components;
  const guard = answer.warnings.find((one) => one.code === 'price_guard');
  const gap = gapOf(answer);
  const points = board.lists.cumulative_orders.actual.filter((/** @type {any} */ v) => v !== null);
  return (
    <KpiTile
      id={`tile-${answer.name}`}
      class={guard ? 'guard' : ''}
      label={label}
      value={valueParts(answer)}
      exact={exactValue(answer)}
      definition={<Explain name={answer.name} label={label} warnings={answer.warnings} />}
      delta={
        guard
          ? { text: t('activity.guard'), tone: 'warn', direction: gap?.direction, title: said(guard.message) }
          : gap
      }
      aside={
        <span class="beside">
          <span class={guard ? 'warn' : ''}>
            {margin === null ? null : <span>{t('activity.margin', { rate: percent(margin) })}</span>}
            {discount === null ? null : <span>{t('activity.discount', { rate: percent(discount) })}</span>}
          </span>
          {points.length ? <Spark values={points} width={84} /> : null}
        </span>
      }
      reason={answer.value === null ? said(answer.reason) : null}
      facts={[
        shareOfTarget(answer) ?? <NoTarget key="target" />,
        changeText(answer),
        averageText(answer),
      ].filter(Boolean)}
      link={{
        text: t('dash.n_orders', { n: Number(answer.components.count ?? 0) }),
        href: href(drillKey(answer.name)),
      }}
    >
      <Bullet label={label} value={answer.value} pace={answer.expected_to_date} target={answer.target} />
    </KpiTile>
  );
}
