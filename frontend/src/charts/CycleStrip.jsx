import { money, number } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { useWidth } from '../ui/hooks.js';
import { num, px, swarm } from './geometry.js';

/**
 * @typedef {{key: string, label: string, ratio: string|number, silence?: number, cycle?: number, amount?: string|number|null, href?: string}} Customer
 *   `ratio`: silence ÷ own cycle; `amount`: revenue at stake, said and not drawn
 */

/** Beyond this many cycles everyone stands at the end of the strip. */
const END = 4;

/**
 * Customers by silence ÷ own ordering cycle: active up to 1, inactive up to 2, lost beyond.
 * @param {{label: string, customers: Customer[], counts?: {active: number, inactive: number, lost: number}, height?: number}} props
 *   `counts`: how many there are of each, when only some are drawn
 */
export function CycleStrip({ label, customers, counts, height = 130 }) {
  const [ref, width] = useWidth(640);
  const floor = height - 34;
  const middle = 22 + (floor - 22) / 2;
  const radius = customers.length > 300 ? 2.4 : customers.length > 120 ? 3.2 : 5.2;
  const x = (/** @type {number} */ r) => px(8 + (Math.min(r, END) / END) * (width - 16));
  const ratios = customers.map((c) => num(c.ratio) ?? 0);
  const dots = swarm(ratios.map(x), radius + 0.4, (floor - 22) / 2 - radius);
  const inactive = counts?.inactive ?? ratios.filter((r) => r > 1 && r <= 2).length;
  const lost = counts?.lost ?? ratios.filter((r) => r > 2).length;
  const active = counts?.active ?? customers.length - inactive - lost;
  const say = t('chart.cycle_say', { label, n: active + inactive + lost, inactive, lost });
  const zones = /** @type {[string, number, number, number][]} */ ([
    ['chart.active', 0, 1, active],
    ['chart.inactive', 1, 2, inactive],
    ['chart.lost', 2, END, lost],
  ]);
  return (
    <span class="chart cycle fluid" ref={/** @type {any} */ (ref)}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={say}>
        {zones.map(([key, from, to, n]) => (
          <g key={key}>
            <rect
              x={x(from)}
              y="18"
              width={x(to) - x(from)}
              height={floor - 14}
              class={`zone ${key.slice(6)}`}
            />
            <text x={x(from) + 8} y="12" class="zone-name">
              {t(key)} <tspan class="strong">{number(n)}</tspan>
            </text>
          </g>
        ))}
        {[1, 2].map((tick) => (
          <path key={tick} d={`M${x(tick)} 18V${floor + 8}`} class="s-ink" stroke-width="1.5" />
        ))}
        {dots.map((dot, i) => (
          <Dot
            key={customers[i].key}
            customer={customers[i]}
            x={dot.x}
            y={middle + dot.y}
            r={radius}
            ratio={ratios[i]}
          />
        ))}
        <g class="axis">
          {[0, 1, 2, 3, END].map((tick) => (
            <text
              key={tick}
              x={x(tick)}
              y={height - 8}
              text-anchor={tick === 0 ? 'start' : tick === END ? 'end' : 'middle'}
            >
              {tick === END ? `${END}+` : tick === 0 ? '0' : t('chart.cycles', { n: tick })}
            </text>
          ))}
        </g>
      </svg>
    </span>
  );
}

/** @param {{customer: Customer, x: number, y: number, r: number, ratio: number}} props */
function Dot({ customer, x, y, r, ratio }) {
  const tone = ratio > 2 ? 'f-bad' : ratio > 1 ? 'f-warn' : 'f-mark';
  const amount =
    customer.amount === undefined || customer.amount === null ? '' : `, ${money(customer.amount)}`;
  return (
    <circle cx={x} cy={y} r={r} class={`${tone} s-card`} stroke-width="1">
      <title>{`${customer.label}, ${number(ratio, { digits: 1 })}${amount}`}</title>
    </circle>
  );
}
