/**
 * Pure geometry of the charts: numbers in, pixels out. No component, no text, no colour.
 * Without d3-scale and d3-shape: they add 13 kB of the 45 that a screen may weigh, most of it to interpolate colours
 * and dates, where all that is drawn here is straight lines on linear scales.
 */

/**
 * The round step (1, 2 or 5 times a power of ten) that cuts a span in about `count` parts.
 * @param {number} span @param {number} count
 */
function stepOf(span, count) {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const ratio = raw / power;
  return power * (ratio >= Math.sqrt(50) ? 10 : ratio >= Math.sqrt(10) ? 5 : ratio >= Math.SQRT2 ? 2 : 1);
}

/**
 * A linear scale.
 * @param {readonly [number, number]} domain @param {readonly [number, number]} range
 * @param {boolean} [clamp] keeps within the range
 * @returns {((n: number) => number) & {invert: (at: number) => number}}
 */
export function linear([from, end], [low, high], clamp = false) {
  const slope = end === from ? 0 : (high - low) / (end - from);
  const scale = (/** @type {number} */ n) => {
    const at = low + (n - from) * slope;
    return clamp ? Math.min(Math.max(at, Math.min(low, high)), Math.max(low, high)) : at;
  };
  scale.invert = (/** @type {number} */ at) => (slope ? from + (at - low) / slope : from);
  return scale;
}

/**
 * A polyline through the known points; a null breaks it.
 * @param {(number|null|undefined)[]} values @param {(i: number) => number} x @param {(v: number) => number} y
 * @returns {string} SVG path
 */
export function linePath(values, x, y) {
  let path = '';
  let drawing = false;
  for (const [i, v] of values.entries()) {
    if (v !== null && v !== undefined) path += `${drawing ? 'L' : 'M'}${px(x(i))} ${px(y(v))}`;
    drawing = v !== null && v !== undefined;
  }
  return path;
}

/** @param {number} n one decimal of a pixel is enough */
export const px = (n) => Math.round(n * 10) / 10;

/** @param {unknown} value @returns {number | null} a number of what the API sends as a decimal string */
export const num = (value) =>
  value === null || value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value);

/**
 * Bullet: the actual bar, what is beyond the pace, what is missing to it, the target tick.
 * @param {{value: number|null, pace?: number|null, target?: number|null, width: number, max?: number|null,
 *   lowerIsBetter?: boolean}} input `max`: end of a scale shared by several bullets
 * @returns {{x: (n: number) => number, max: number, min: number, behind: boolean,
 *   solid: [number, number], beyond: [number, number] | null, missing: [number, number] | null,
 *   pace: number | null, target: number | null, track: [number, number]}} spans are [from, to] in pixels
 */
export function bulletGeometry({
  value,
  pace = null,
  target = null,
  width,
  max = null,
  lowerIsBetter = false,
}) {
  const top = max ?? Math.max(value ?? 0, target ?? 0, pace ?? 0) * 1.06;
  const end = top > 0 ? top : 1;
  const start = Math.min(0, value ?? 0);
  const scale = linear([start, end], [0, Math.max(0, width)], true);
  const x = (/** @type {number} */ n) => px(scale(n));
  const v = value ?? 0;
  const over = pace !== null && v > pace;
  const behind = value !== null && pace !== null && (lowerIsBetter ? over : v < pace);
  const fence = pace === null || lowerIsBetter ? v : Math.min(v, pace);
  const solidEnd = lowerIsBetter && over ? /** @type {number} */ (pace) : fence;
  /** @type {[number, number]} */
  const solid = v < 0 ? [x(v), x(0)] : [x(0), x(solidEnd)];
  let beyond = null;
  let missing = null;
  if (pace !== null && value !== null) {
    if (over && !lowerIsBetter) beyond = /** @type {[number, number]} */ ([x(pace), x(v)]);
    if (behind)
      missing = /** @type {[number, number]} */ (
        lowerIsBetter ? [x(pace), x(v)] : [x(Math.max(v, 0)), x(pace)]
      );
  }
  return {
    x,
    min: start,
    max: end,
    behind,
    solid,
    beyond,
    missing,
    pace: pace === null ? null : x(pace),
    target: target === null ? null : x(target),
    track: [x(0), target === null ? px(width) : x(target)],
  };
}

/**
 * A few round values of an axis, always with its zero.
 * @param {number} min @param {number} max @param {number} [count] about how many
 */
export function niceTicks(min, max, count = 3) {
  if (!(max > min)) return [min];
  const step = stepOf(max - min, count);
  const out = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max * (1 + 1e-9); i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/**
 * Points of a sparkline; nulls are gaps.
 * @param {(number|null)[]} values @param {number} width @param {number} height
 * @param {number|null} [base] a level to keep in sight
 */
export function sparkGeometry(values, width, height, base = null) {
  const known = values.filter((v) => v !== null);
  if (known.length === 0) return { path: '', last: null, base: null };
  const all = base === null ? known : [...known, base];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const x = linear([0, Math.max(1, values.length - 1)], [2, width - 6]);
  const y = high === low ? () => height / 2 : linear([low, high], [height - 4, 3]);
  const at = values.findLastIndex((v) => v !== null);
  return {
    path: linePath(values, x, y),
    last: { x: px(x(at)), y: px(y(/** @type {number} */ (values[at]))) },
    base: base === null ? null : px(y(base)),
  };
}

/**
 * Scales and paths of a cumulative line chart.
 * @param {{actual: (number|null)[], pace?: (number|null)[], previous?: (number|null)[], forecast?: (number|null)[],
 *   target?: number|null, width: number, height: number, left?: number, right?: number, top?: number, bottom?: number}} input
 */
export function lineGeometry(input) {
  const { actual, pace = [], previous = [], forecast = [], target = null, width, height } = input;
  const { left = 30, right = 150, top = 8, bottom = 22 } = input;
  const steps = Math.max(actual.length, pace.length, previous.length, forecast.length, 2);
  const known = [...actual, ...pace, ...previous, ...forecast, target].filter(
    (v) => v !== null && v !== undefined,
  );
  const high = Math.max(1e-9, ...known);
  const low = Math.min(0, ...known);
  const step = stepOf(high - low, 3);
  const bottomValue = Math.floor(low / step) * step;
  const topValue = Math.ceil(high / step) * step;
  const y = linear([bottomValue, topValue], [height - bottom, top]);
  const x = linear([0, steps - 1], [left, Math.max(left + 1, width - right)]);
  const draw = (/** @type {(number|null)[]} */ values) => linePath(values, x, y);
  const last = actual.findLastIndex((v) => v !== null && v !== undefined);
  return {
    x: (/** @type {number} */ i) => px(x(i)),
    y: (/** @type {number} */ v) => px(y(v)),
    index: (/** @type {number} */ at) => Math.max(0, Math.min(steps - 1, Math.round(x.invert(at)))),
    ticks: niceTicks(bottomValue, topValue),
    steps,
    last,
    end: px(x(steps - 1)),
    floor: height - bottom,
    paths: { actual: draw(actual), pace: draw(pace), previous: draw(previous), forecast: draw(forecast) },
    gaps: gapAreas(actual, pace, last, x, y),
  };
}

/**
 * The area between the actual line and the pace, cut where they cross, each piece told ahead or behind.
 * @param {(number|null)[]} actual @param {(number|null)[]} pace @param {number} last
 * @param {(n: number) => number} x @param {(n: number) => number} y
 * @returns {{path: string, ahead: boolean}[]}
 */
function gapAreas(actual, pace, last, x, y) {
  const areas = [];
  for (let i = 0; i < last; i++) {
    const [a, b, p, q] = [actual[i], actual[i + 1], pace[i], pace[i + 1]];
    if (a === null || b === null || p === null || q === null) continue;
    if (a === undefined || b === undefined || p === undefined || q === undefined) continue;
    const [d, e] = [a - p, b - q];
    const at = (/** @type {number} */ i0, /** @type {number} */ v) => `${px(x(i0))} ${px(y(v))}`;
    if (d * e < 0) {
      const cut = d / (d - e);
      const level = a + (b - a) * cut;
      areas.push({ path: `M${at(i, a)}L${at(i + cut, level)}L${at(i, p)}Z`, ahead: d > 0 });
      areas.push({ path: `M${at(i + cut, level)}L${at(i + 1, b)}L${at(i + 1, q)}Z`, ahead: e > 0 });
    } else if (d || e) {
      areas.push({ path: `M${at(i, a)}L${at(i + 1, b)}L${at(i + 1, q)}L${at(i, p)}Z`, ahead: d + e > 0 });
    }
  }
  return areas;
}

/**
 * Moves labels apart so that none covers another, keeping their order and as close as possible to their place.
 * @param {number[]} places wanted centres, pixels
 * @param {number} gap least distance between two centres
 * @param {number} low @param {number} high bounds
 * @returns {number[]} centres in the order given
 */
export function spread(places, gap, low, high) {
  const order = places.map((place, i) => ({ place, i })).sort((a, b) => a.place - b.place);
  const out = order.map((o) => o.place);
  for (let k = 0; k < out.length; k++) out[k] = Math.max(out[k], k ? out[k - 1] + gap : low);
  for (let k = out.length - 1; k >= 0; k--)
    out[k] = Math.min(out[k], k < out.length - 1 ? out[k + 1] - gap : high);
  const result = new Array(places.length);
  for (let k = 0; k < out.length; k++) result[order[k].i] = px(out[k]);
  return result;
}

/**
 * Which ticks of a crowded axis to write: regularly spaced, the last of `keep` always, none too near to it.
 * @param {number} count @param {number} room how many fit
 * @param {number} [keep] index that must be written
 * @returns {Set<number>}
 */
export function thinned(count, room, keep = -1) {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
  const shown = new Set();
  for (let i = 0; i < count; i += every)
    if (keep < 0 || i === keep || Math.abs(i - keep) >= every * 0.75) shown.add(i);
  if (keep >= 0 && keep < count) shown.add(keep);
  return shown;
}

/**
 * Segments of a stacked bar. A positive part is never thinner than `least`, so that it can be seen and hit.
 * @param {number[]} values @param {number} width @param {number} [gap] @param {number} [least]
 * @returns {{x: number, width: number}[]}
 */
export function stackGeometry(values, width, gap = 2, least = 3) {
  const shown = values.map((v) => Math.max(0, v));
  const parts = shown.filter((v) => v > 0).length;
  const total = shown.reduce((sum, v) => sum + v, 0);
  if (!total) return values.map(() => ({ x: 0, width: 0 }));
  const room = Math.max(0, width - gap * Math.max(0, parts - 1));
  const raw = shown.map((v) => (v > 0 ? Math.max(least, (v / total) * room) : 0));
  const excess = raw.reduce((sum, w) => sum + w, 0) - room;
  const widest = raw.indexOf(Math.max(...raw));
  raw[widest] -= excess;
  let x = 0;
  return raw.map((w) => {
    const at = px(x);
    if (w > 0) x += w + gap;
    return { x: at, width: px(w) };
  });
}

/**
 * Dots on a line that do not cover each other: those too near move up and down in turn (a bee swarm).
 * @param {number[]} places centres wanted, pixels @param {number} radius @param {number} [room] half height to use
 * @returns {{x: number, y: number}[]} y around 0, in the order given
 */
export function swarm(places, radius, room = Number.POSITIVE_INFINITY) {
  const order = places.map((x, i) => ({ x, i })).sort((a, b) => a.x - b.x);
  /** @type {{x: number, y: number}[]} */
  const placed = [];
  /** @type {{x: number, y: number}[]} */
  const result = new Array(places.length);
  for (const { x, i } of order) {
    let y = 0;
    for (let step = 0; ; step++) {
      y = (step % 2 ? 1 : -1) * Math.ceil(step / 2) * radius;
      if (Math.abs(y) > room) {
        y = ((placed.length * 7) % 5) * (room / 5) * (placed.length % 2 ? 1 : -1);
        break;
      }
      if (!near(placed, x, y, radius * 2)) break;
    }
    placed.push({ x, y });
    result[i] = { x: px(x), y: px(y) };
  }
  return result;
}

/** @param {{x: number, y: number}[]} placed @param {number} x @param {number} y @param {number} gap */
function near(placed, x, y, gap) {
  for (let k = placed.length - 1; k >= 0 && x - placed[k].x < gap; k--) {
    if ((x - placed[k].x) ** 2 + (y - placed[k].y) ** 2 < gap * gap - 0.01) return true;
  }
  return false;
}

/**
 * Columns counting values in equal classes.
 * @param {number[]} values @param {number} max @param {number} bins
 * @returns {number[]}
 */
export function histogram(values, max, bins) {
  const counts = new Array(bins).fill(0);
  for (const v of values) counts[Math.min(bins - 1, Math.max(0, Math.floor((v / max) * bins)))] += 1;
  return counts;
}
