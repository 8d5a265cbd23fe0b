import { useId } from 'preact/hooks';
import { byUnit, number, percent, thousands } from '../i18n/format.js';
import { useWidth } from '../ui/hooks.js';
import { num, stackGeometry } from './geometry.js';
import { Hatch } from './parts.jsx';

/**
 * @typedef {{key: string, label: string, value: string|number, tone?: 'mark'|'mark-2'|'mark-3'|'track'|'bad', short?: string,
 *   note?: string, href?: string}} Part `short`: the label under the bar; `note`: said before the amount in the legend
 */
/** @type {('mark'|'mark-2'|'mark-3'|'track')[]} */
const TONES = ['mark', 'mark-2', 'mark-3', 'track'];

/**
 * Parts of a whole in one bar, the bad one hatched; labels under it, or a legend with links.
 * @param {{label: string, parts: Part[], unit?: string, height?: number, labels?: boolean, legend?: boolean}} props
 */
export function StackedBar({ label, parts, unit = 'money', height = 14, labels = true, legend = false }) {
  const [ref, width] = useWidth(280);
  const id = useId();
  const values = parts.map((p) => num(p.value) ?? 0);
  const boxes = stackGeometry(values, width);
  const say = `${label}, ${parts.map((p) => `${p.label} ${byUnit(p.value, unit)}`).join(', ')}`;
  const tone = (/** @type {number} */ i) => parts[i].tone ?? TONES[Math.min(i, TONES.length - 1)];
  const room = labels && !legend;
  return (
    <div class="chart stacked">
      <span class="stacked-bar fluid" ref={/** @type {any} */ (ref)}>
        <svg
          width={width}
          height={height + (room ? 17 : 0)}
          viewBox={`0 0 ${width} ${height + (room ? 17 : 0)}`}
          role="img"
          aria-label={say}
        >
          {parts.some((_, i) => tone(i) === 'bad') ? <Hatch id={id} filled /> : null}
          {values.some((v) => v > 0) ? null : <rect width={width} height={height} rx="2" class="f-track" />}
          {boxes.map((box, i) =>
            box.width ? (
              <rect
                key={parts[i].key}
                x={box.x}
                width={box.width}
                height={height}
                class={tone(i) === 'bad' ? '' : `f-${tone(i)}`}
                fill={tone(i) === 'bad' ? `url(#${id})` : undefined}
              >
                <title>{`${parts[i].label} ${byUnit(parts[i].value, unit, { exact: true })}`}</title>
              </rect>
            ) : null,
          )}
          {room ? <PartLabels parts={parts} boxes={boxes} width={width} y={height + 16} /> : null}
        </svg>
      </span>
      {legend ? <Legend parts={parts} tone={tone} unit={unit} /> : null}
    </div>
  );
}

/** @param {{parts: Part[], boxes: {x: number, width: number}[], width: number, y: number}} props */
function PartLabels({ parts, boxes, width, y }) {
  let free = 0;
  const last = boxes.findLastIndex((b) => b.width > 0);
  return (
    <g class="axis">
      {parts.map((part, i) => {
        const text = part.short ?? part.label;
        const long = text.length * 6.1 + 4;
        const { x, width: w } = boxes[i];
        const atEnd = i === last && w < long;
        const from = atEnd ? width - long : x;
        if (!w || from < free || (!atEnd && w < long && i !== last)) return null;
        free = from + long;
        return (
          <text key={part.key} x={atEnd ? width : x} y={y} text-anchor={atEnd ? 'end' : 'start'}>
            {text}
          </text>
        );
      })}
    </g>
  );
}

/** @param {{parts: Part[], tone: (i: number) => string, unit: string}} props */
function Legend({ parts, tone, unit }) {
  const write = (/** @type {string|number} */ v) =>
    unit === 'money' ? thousands(v) : unit === 'ratio' ? percent(v) : number(v);
  return (
    <ul class="legend">
      {parts.map((part, i) => {
        const Row = part.href ? 'a' : 'div';
        return (
          <li key={part.key}>
            <Row href={part.href} title={byUnit(part.value, unit, { exact: true })}>
              <i class={`swatch ${tone(i)}`} />
              <span>{part.label}</span>
              <small>{part.note}</small>
              <b>{write(part.value)}</b>
            </Row>
          </li>
        );
      })}
    </ul>
  );
}
