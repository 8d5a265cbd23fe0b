import { useEffect, useRef, useState } from 'preact/hooks';
import { axisFormat, byUnit, day } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { beginBusy } from '../ui/busy.js';
import { useWidth } from '../ui/hooks.js';
import { lineGeometry, num, spread, thinned } from './geometry.js';

/**
 * @typedef {{label: string, dates: string[], actual: (string|number|null)[], pace?: (string|number|null)[],
 *   previous?: (string|number|null)[], forecast?: (string|number|null)[], target?: string|number|null, unit?: string,
 *   height?: number, tick?: (date: string) => string}} CumulativeLineProps
 *   every list has one value a date, null where it has none; the forecast starts at the last actual. `tick` writes a date of the axis
 */

/**
 * A running total through a period: actual, expected pace, previous year, forecast to the landing and the target.
 * @param {CumulativeLineProps} props
 */
export function CumulativeLine(props) {
  const { label, dates, unit = 'money', height = 214 } = props;
  const [ref, width] = useWidth(640);
  const [at, setAt] = useState(/** @type {number|null} */ (null));
  const narrow = width < 520;
  const actual = props.actual.map(num);
  const pace = (props.pace ?? []).map(num);
  const previous = (props.previous ?? []).map(num);
  const forecast = (props.forecast ?? []).map(num);
  const target = num(props.target);
  const top = Math.max(0, ...[...actual, ...pace, ...previous, ...forecast, target].map((v) => v ?? 0));
  const axis = axisFormat(unit, top);
  // Marks are told as ticks are, without decimals that nobody reads.
  const write = (/** @type {number} */ v) => axis(top >= 10_000 ? Math.round(v / 1000) * 1000 : v);
  const left = 12 + 7 * Math.max(...[0, top].map((v) => write(v).length));
  const g = lineGeometry({
    actual,
    pace,
    previous,
    forecast,
    target,
    width,
    height,
    left,
    right: narrow ? 78 : 150,
  });
  const exact = (/** @type {any} */ v) => byUnit(v, unit);
  const say = sentence({ label, dates, actual, pace, previous, forecast, target, last: g.last }, exact);
  const tick = props.tick ?? ((/** @type {string} */ date) => String(Number(date.slice(8, 10))));
  const shown = thinned(g.steps, Math.floor((g.end - left) / 44), g.last);
  const value = g.last >= 0 ? actual[g.last] : null;

  const done = useRef(/** @type {(() => void) | null} */ (null));
  const look = (/** @type {number|null} */ next) => {
    if (next !== null && done.current === null) done.current = beginBusy();
    if (next === null) {
      done.current?.();
      done.current = null;
    }
    setAt(next);
  };
  useEffect(() => () => done.current?.(), []);

  return (
    <div class="chart line fluid" ref={/** @type {any} */ (ref)} style={{ height: `${height}px` }}>
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={say}
        onPointerMove={(event) =>
          look(g.index(event.clientX - event.currentTarget.getBoundingClientRect().left))
        }
        onPointerLeave={() => look(null)}
      >
        <g class="axis">
          {g.ticks.map((v) => (
            <g key={v}>
              <path d={`M${left} ${g.y(v)}H${g.end}`} class="s-line" />
              <text x={left - 7} y={g.y(v) + 4} text-anchor="end">
                {write(v)}
              </text>
            </g>
          ))}
          {dates.map((date, i) =>
            shown.has(i) ? (
              <text
                key={date}
                x={g.x(i)}
                y={height - 5}
                text-anchor="middle"
                class={i === g.last ? 'now' : ''}
              >
                {tick(date)}
              </text>
            ) : null,
          )}
        </g>
        {g.last >= 0 && g.last < g.steps - 1 ? (
          <path d={`M${g.x(g.last)} 8V${g.floor}`} class="s-line-2" />
        ) : null}
        {previous.length ? (
          <path d={g.paths.previous} class="s-mark-3" fill="none" stroke-width="1.6" />
        ) : null}
        {g.gaps.map((gap) => (
          <path key={gap.path} d={gap.path} class={gap.ahead ? 'f-mark-2 soft' : 'f-bad soft'} />
        ))}
        {pace.length ? (
          <path
            d={g.paths.pace}
            class="s-ink"
            fill="none"
            stroke-width="1.2"
            stroke-dasharray="1 3"
            stroke-linecap="round"
          />
        ) : null}
        {target !== null ? (
          <circle cx={g.end} cy={g.y(target)} r="3.6" class="f-card s-ink" stroke-width="1.6" />
        ) : null}
        {forecast.length ? (
          <path d={g.paths.forecast} class="s-mark-2" fill="none" stroke-width="2.2" stroke-dasharray="5 4" />
        ) : null}
        <path d={g.paths.actual} class="s-mark" fill="none" stroke-width="2.6" stroke-linejoin="round" />
        {value !== null ? (
          <>
            <circle cx={g.x(g.last)} cy={g.y(value)} r="4.2" class="f-mark" />
            <ValueLabel x={g.x(g.last)} y={g.y(value)} text={write(value)} left={left} />
          </>
        ) : null}
        <EndLabels
          g={g}
          target={target}
          previous={previous}
          forecast={forecast}
          write={write}
          narrow={narrow}
        />
        {at !== null ? <path d={`M${g.x(at)} 8V${g.floor}`} class="s-accent" /> : null}
      </svg>
      {at !== null ? (
        <Tooltip
          x={g.x(at)}
          width={width}
          date={dates[at]}
          rows={rowsAt({ actual, pace, previous, forecast, last: g.last }, at)}
          unit={unit}
        />
      ) : null}
    </div>
  );
}

/** @param {{x: number, y: number, text: string, left: number}} props */
function ValueLabel({ x, y, text, left }) {
  const room = x - left > 40;
  return (
    <text x={room ? x - 9 : x + 9} y={y - 7} text-anchor={room ? 'end' : 'start'} class="strong">
      {text}
    </text>
  );
}

/**
 * What each line ends on, written beside it instead of in a legend.
 * @param {{g: ReturnType<typeof lineGeometry>, target: number|null, previous: (number|null)[], forecast: (number|null)[],
 *   write: (v: number) => string, narrow: boolean}} props
 */
function EndLabels({ g, target, previous, forecast, write, narrow }) {
  const landing = forecast.at(-1) ?? null;
  const lastYear = previous.at(-1) ?? null;
  const labels = [
    { v: landing, key: narrow ? 'chart.landing_short' : 'chart.landing', name: 'strong accent' },
    { v: target, key: 'chart.target_value', name: 'ink' },
    { v: lastYear, key: 'chart.previous_year_value', name: '' },
  ].filter((l) => l.v !== null);
  const places = spread(
    labels.map((l) => g.y(/** @type {number} */ (l.v))),
    16,
    14,
    g.floor - 4,
  );
  return (
    <>
      {landing !== null ? <circle cx={g.end} cy={g.y(landing)} r="3.6" class="f-mark-2" /> : null}
      {labels.map((l, i) => (
        <text key={l.key} x={g.end + 9} y={places[i] + 4} class={`end ${l.name}`}>
          {t(l.key, { value: write(/** @type {number} */ (l.v)) })}
        </text>
      ))}
    </>
  );
}

/** @typedef {{actual: (number|null)[], pace: (number|null)[], previous: (number|null)[], forecast: (number|null)[], last: number}} Lines */

/** @param {Lines} lines @param {number} i @returns {[string, number][]} */
function rowsAt(lines, i) {
  const rows = /** @type {[string, number|null|undefined][]} */ ([
    ['chart.actual', lines.actual[i]],
    ['chart.forecast', i > lines.last ? lines.forecast[i] : null],
    ['chart.pace', lines.pace[i]],
    ['chart.previous_year', lines.previous[i]],
  ]);
  return /** @type {[string, number][]} */ (rows.filter(([, v]) => v !== null && v !== undefined));
}

/** @param {{x: number, width: number, date: string, rows: [string, number][], unit: string}} props */
function Tooltip({ x, width, date, rows, unit }) {
  const side = x > width / 2 ? { right: `${width - x + 10}px` } : { left: `${x + 10}px` };
  return (
    <div class="chart-tip" style={side} aria-hidden="true">
      <b>{day(date)}</b>
      {rows.map(([key, v]) => (
        <span key={key}>
          {t(key)} <b>{byUnit(v, unit, { exact: true })}</b>
        </span>
      ))}
    </div>
  );
}

/**
 * @param {Lines & {label: string, dates: string[], target: number|null}} lines
 * @param {(v: any) => string} write
 */
function sentence({ label, dates, actual, pace, previous, forecast, target, last }, write) {
  if (last < 0) return t('chart.bullet_say_none', { label });
  const rest = /** @type {[string, number|null|undefined][]} */ ([
    ['chart.line_say_pace', pace[last]],
    ['chart.line_say_landing', forecast.at(-1)],
    ['chart.line_say_target', target],
    ['chart.line_say_previous', previous.at(-1)],
  ]);
  return [
    t('chart.line_say', { label, value: write(actual[last]), date: day(dates[last]) }),
    ...rest.filter(([, v]) => v !== null && v !== undefined).map(([key, v]) => t(key, { value: write(v) })),
  ]
    .join(' ')
    .replaceAll('..', '.');
}
