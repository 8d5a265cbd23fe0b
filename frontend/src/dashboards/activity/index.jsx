import { Lazily, withTexts } from '../../app/Lazily.jsx';
import { loadArea, t } from '../../i18n/index.js';
import { KpiStrip } from '../../ui/KpiTile.jsx';
import { Skeleton } from '../../ui/States.jsx';
import { seriesValues } from '../figures.js';
import { Screen } from '../Screen.jsx';
import { Tile } from '../Tile.jsx';
import { Orders } from './Orders.jsx';

await Promise.all([loadArea('dash'), loadArea('activity')]);

/** What is under the fold comes once the first screen is drawn. */
const below = () => withTexts(import('./Below.jsx'), 'do');

const charts = () => import('./Charts.jsx');

const TILES = ['invoiced_revenue', 'ordered_amount', 'average_basket', 'weighted_pipeline'];

/** Screen 1: steer the sales activity. */
export default function Activity() {
  return (
    <Screen name="activity" title={t('nav.activity')} tiles={TILES}>
      {(board) => {
        const { kpis, lists } = board;
        const n = (/** @type {any} */ answer) => answer.components.count ?? 0;
        return (
          <>
            <KpiStrip label={t('dash.kpis')}>
              <Tile
                answer={kpis.invoiced_revenue}
                count={t('dash.n_invoices', { n: n(kpis.invoiced_revenue) })}
                spark={lists.cumulative.actual.filter((/** @type {any} */ v) => v !== null)}
              />
              <Orders board={board} />
              <Tile
                answer={kpis.average_basket}
                count={t('dash.n_orders', { n: n(kpis.average_basket) })}
                spark={seriesValues(kpis.average_basket_trend)}
              />
              <Tile
                answer={kpis.weighted_pipeline}
                count={t('dash.n_deals', { n: n(kpis.weighted_pipeline) })}
                spark={seriesValues(kpis.weighted_pipeline_trend)}
              />
            </KpiStrip>
            <Lazily load={charts} board={board} fallback={<Skeleton height="288px" />} />
            <Lazily load={below} board={board} fallback={<Skeleton height="300px" />} />
          </>
        );
      }}
    </Screen>
  );
}
