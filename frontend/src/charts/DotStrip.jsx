import { days } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { useWidth } from '../ui/hooks.js';
import { histogram, px, spread } from './geometry.js';

const MANY = 40;

/**
 * One dot a record on a scale of days; red beyond the limit. More than forty dots become columns.
 * @param {{label: string, values: number[], warn?: number, max?: number, titles?: string[], height?: number,
 *   format?: (v: number) => string}} props `warn`: the limit, days; `titles`: what each dot is
 */
export function DotStrip({ label, values, warn = 7, max, titles = [], format = days }) {
  const [ref, width] = useWidth(280);
  const top = max ?? Math.max(warn * 2, Math.ceil(Math.max(0, ...values) / 5) * 5);
  const x = (/** @type {number} */ v) => px(6 + (Math.min(v, top) / top) * (width - 12));
  const radius = 4.4;
  // Dots that would have to leave their place to be seen say less than columns.
  const many = values.length > MANY || values.length * 2 * radius > (width - 12) * 0.6;
  const gap = Math.min(2 * radius, (width - 12) / Math.max(1, values.length - 1));
  const dots = many ? [] : spread(values.map(x), gap, 6, width - 6);
  const say = t('chart.dots_say', {
    label,
    n: values.length,
    min: format(Math.min(...values)),
    max: format(Math.max(...values)),
  });
  return (
    <span class="chart dots fluid" ref={/** @type {any} */ (ref)}>
      <svg width={width} height="31" viewBox={`0 0 ${width} 31`} role="img" aria-label={say}>
        <rect y="0" width={width} height="14" rx="2" class="f-track" />
        {many ? (
          <Columns values={values} top={top} warn={warn} width={width} />
        ) : (
          dots.map((dot, i) => (
            <circle
              key={i}
              cx={dot}
              cy={7}
              r={radius}
              class={`${values[i] > warn ? 'f-bad' : 'f-mark'} s-card`}
              stroke-width="1.4"
            >
              {titles[i] ? <title>{`${titles[i]}, ${format(values[i])}`}</title> : null}
            </circle>
          ))
        )}
        <g class="axis">
          <path d={`M${x(warn)} 14v4`} class="s-line-2" />
          <text x="0" y="30">
            0
          </text>
          <text x={x(warn)} y="30" text-anchor="middle">
            {warn}
          </text>
          {x(top) - x(warn) > 44 ? (
            <text x={width} y="30" text-anchor="end">
              {format(top)}
            </text>
          ) : null}
        </g>
      </svg>
    </span>
  );
}

/** @param {{values: number[], top: number, warn: number, width: number}} props */
function Columns({ values, top, warn, width }) {
  const bins = Math.max(10, Math.min(60, Math.floor(width / 8)));
  const counts = histogram(values, top, bins);
  const high = Math.max(...counts);
  const step = width / bins;
  return (
    <>
      {counts.map((n, i) => {
        const h = n ? Math.max(2, (n / high) * 13) : 0;
        const late = ((i + 0.5) / bins) * top > warn;
        return (
          <rect
            key={i}
            x={px(i * step)}
            y={14 - h}
            width={step - 1.5}
            height={h}
            class={late ? 'f-bad' : 'f-mark'}
          />
        );
      })}
    </>
  );
}
