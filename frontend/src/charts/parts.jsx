/** Pieces that several charts share. */

/**
 * The hatch that means "missing": vermilion stripes, so that it is seen without colour too.
 * @param {{id: string, filled?: boolean}} props `filled`: on a soft ground instead of nothing
 */
export const Hatch = ({ id, filled }) => (
  <defs>
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      {filled ? <rect width="5" height="5" class="f-bad-soft" /> : null}
      <rect width="2" height="5" class="f-bad" />
    </pattern>
  </defs>
);
