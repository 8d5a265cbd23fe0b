import { num } from './geometry.js';

/**
 * A few columns the size of a word: visits of the last five days.
 * @param {{values: (string|number|null)[], sentence: string, width?: number, height?: number, max?: number}} props
 *   `max`: end of a scale shared by several rows
 */
export function MiniBars({ values, sentence, width = 66, height = 18, max }) {
  const known = values.map((v) => num(v) ?? 0);
  const top = max ?? Math.max(...known, 1);
  const step = width / Math.max(1, known.length);
  return (
    <svg
      class="chart minibars"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={sentence}
    >
      {known.map((v, i) => {
        const h = v > 0 ? Math.max(2, Math.min(1, v / top) * (height - 2)) : 1.5;
        return (
          <rect
            key={i}
            x={i * step}
            y={height - h}
            width={Math.max(1, step - 2)}
            height={h}
            class={v > 0 ? 'f-mark-2' : 'f-line-2'}
          />
        );
      })}
    </svg>
  );
}
