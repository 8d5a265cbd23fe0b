import { useId } from 'preact/hooks';
import { axisFormat, byUnit } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { useWidth } from '../ui/hooks.js';
import { bulletGeometry, niceTicks, num } from './geometry.js';
import { Hatch } from './parts.jsx';

/**
 * Value against pace and target (Few's bullet graph): actual solid, beyond the pace lighter, missing to it hatched,
 * target a full-height tick.
 * @param {{label: string, value: string|number|null, pace?: string|number|null, target?: string|number|null, unit?: string,
 *   max?: number|null, ticks?: boolean, height?: number, width?: number, lowerIsBetter?: boolean, sentence?: string,
 *   format?: (value: any) => string}} props `pace`: the value expected today; `max`: end of a scale shared by several bullets;
 *   `width`: fixed, else as wide as its place; `sentence`: said instead of the one made here
 */
export function Bullet(props) {
  const { label, unit = 'money', ticks = true, height = 14, lowerIsBetter = false, max = null } = props;
  const [ref, measured] = useWidth(280);
  const id = useId();
  const width = props.width ?? measured;
  const value = num(props.value);
  const pace = num(props.pace);
  const target = num(props.target);
  const g = bulletGeometry({ value, pace, target, width, max, lowerIsBetter });
  const format = props.format ?? ((/** @type {any} */ v) => byUnit(v, unit));
  const bar = 6;
  const y = (height - bar) / 2;
  const below = ticks ? 17 : 0;
  const span = (
    /** @type {[number, number]} */ [from, to],
    /** @type {string} */ name,
    /** @type {string} */ fill = '',
  ) => (
    <rect x={from} y={y} width={Math.max(0, to - from)} height={bar} class={name} fill={fill || undefined} />
  );
  return (
    <span
      class={`chart bullet ${props.width ? '' : 'fluid'}`}
      ref={props.width ? undefined : /** @type {any} */ (ref)}
    >
      <svg
        width={width}
        height={height + below}
        viewBox={`0 0 ${width} ${height + below}`}
        role="img"
        aria-label={props.sentence ?? sentence(label, value, pace, target, format)}
      >
        {g.missing ? <Hatch id={id} /> : null}
        <rect
          x={g.track[0]}
          width={Math.max(0, g.track[1] - g.track[0])}
          height={height}
          rx="2"
          class="f-track"
        />
        {span(g.solid, value !== null && value < 0 ? 'f-bad' : 'f-mark')}
        {g.beyond ? span(g.beyond, 'f-mark-2') : null}
        {g.missing ? span(g.missing, '', `url(#${id})`) : null}
        {g.pace !== null && g.behind ? (
          <path d={`M${g.pace} ${y - 2}v${bar + 4}`} class="s-bad" stroke-width="1.5" />
        ) : null}
        {g.beyond && g.pace !== null && (target === null || g.pace < (g.target ?? 0)) ? (
          <path d={`M${g.pace} ${y - 2}v${bar + 4}`} class="s-card" stroke-width="1.5" />
        ) : null}
        {g.target !== null ? (
          <path d={`M${g.target} -2v${height + 4}`} class="s-ink" stroke-width="2.5" />
        ) : null}
        {ticks ? <Ticks g={g} width={width} height={height} unit={unit} /> : null}
      </svg>
    </span>
  );
}

/** @param {{g: ReturnType<typeof bulletGeometry>, width: number, height: number, unit: string}} props */
function Ticks({ g, width, height, unit }) {
  const write = axisFormat(unit, g.max);
  return (
    <g class="axis">
      {niceTicks(g.min, g.max).map((tick) => {
        const x = g.x(tick);
        const anchor = x < 4 ? 'start' : x > width - 14 ? 'end' : 'middle';
        return (
          <g key={tick}>
            <path d={`M${x} ${height + 1}v4`} class="s-line-2" />
            <text x={x} y={height + 16} text-anchor={anchor}>
              {write(tick)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/**
 * @param {string} label @param {number|null} value @param {number|null} pace @param {number|null} target
 * @param {(value: any) => string} format
 */
function sentence(label, value, pace, target, format) {
  if (value === null) return t('chart.bullet_say_none', { label });
  const kind =
    pace !== null && target !== null ? '_all' : target !== null ? '_target' : pace !== null ? '_pace' : '';
  return t(`chart.bullet_say${kind}`, {
    label,
    value: format(value),
    pace: format(pace),
    target: format(target),
  });
}
