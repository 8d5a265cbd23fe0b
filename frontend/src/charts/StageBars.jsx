import { money, moneyExact, thousands } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { useWidth } from '../ui/hooks.js';
import { num, px } from './geometry.js';

/**
 * @typedef {{key: string, label: string, count: number, gross: string|number, weighted: string|number, href?: string}} Stage
 */

/**
 * The pipeline by stage: gross amount outlined, weighted solid, on one scale; each row is a link to its deals.
 * @param {{stages: Stage[], legend?: boolean, unit?: string}} props
 */
export function StageBars({ stages, legend = true }) {
  const max = Math.max(1, ...stages.map((s) => num(s.gross) ?? 0));
  return (
    <div class="chart stages">
      <ul>
        {stages.map((stage) => (
          <StageRow key={stage.key} stage={stage} max={max} />
        ))}
      </ul>
      {legend ? <p class="chart-note">{t('chart.weighted_legend')}</p> : null}
    </div>
  );
}

/** @param {{stage: Stage, max: number}} props */
function StageRow({ stage, max }) {
  const [ref, width] = useWidth(200);
  const gross = num(stage.gross) ?? 0;
  const weighted = num(stage.weighted) ?? 0;
  const x = (/** @type {number} */ v) => px((Math.max(0, v) / max) * (width - 2));
  const say = `${stage.label}, ${t('chart.weighted')} ${money(weighted)}, ${t('chart.gross')} ${money(gross)}`;
  const Row = stage.href ? 'a' : 'div';
  return (
    <li>
      <Row
        class="stage"
        href={stage.href}
        title={`${moneyExact(stage.weighted)} / ${moneyExact(stage.gross)}`}
      >
        <span class="stage-name">
          {stage.label}
          <small>{t('chart.deals', { n: stage.count })}</small>
        </span>
        <span class="stage-bar fluid" ref={/** @type {any} */ (ref)}>
          <svg width={width} height="24" viewBox={`0 0 ${width} 24`} role="img" aria-label={say}>
            <rect
              x="0.6"
              y="2.6"
              width={x(gross)}
              height="18.8"
              fill="none"
              class="s-edge"
              stroke-width="1.2"
            />
            <rect x="0" y="2" width={x(weighted)} height="20" class="f-mark" />
          </svg>
        </span>
        <span class="stage-value">
          <b>{thousands(stage.weighted)}</b> / {thousands(stage.gross)}
        </span>
      </Row>
    </li>
  );
}
