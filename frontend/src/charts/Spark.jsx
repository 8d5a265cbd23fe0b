import { num, sparkGeometry } from './geometry.js';

/**
 * A word-sized line: the shape of the last values, ending on a dot. Silent unless it is given a sentence,
 * because the tile beside it says the figure.
 * @param {{values: (string|number|null)[], base?: string|number|null, width?: number, height?: number, sentence?: string}} props
 *   `base`: a level drawn dashed (the target, zero)
 */
export function Spark({ values, base = null, width = 124, height = 34, sentence }) {
  const g = sparkGeometry(values.map(num), width, height, num(base));
  if (!g.last) return null;
  return (
    <svg
      class="chart spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role={sentence ? 'img' : undefined}
      aria-label={sentence}
      aria-hidden={sentence ? undefined : 'true'}
    >
      {g.base !== null ? (
        <path d={`M2 ${g.base}H${width - 4}`} class="s-line-2" stroke-dasharray="2 3" />
      ) : null}
      <path
        d={g.path}
        class="s-mark-2"
        fill="none"
        stroke-width="1.6"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
      <circle cx={g.last.x} cy={g.last.y} r="2.8" class="f-mark" />
    </svg>
  );
}
