/**
 * Whether the reader is in the middle of something: a live refresh then waits, so that nothing moves under the hand.
 */
let open = 0;

/** Says that a tooltip, menu or drag is open. @returns {() => void} call it once it is over */
export function beginBusy() {
  open += 1;
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    open -= 1;
  };
}

/** @returns {boolean} true while a field has focus or something is open */
export function isBusy() {
  return open > 0 || !!document.activeElement?.matches('input, textarea, select, [contenteditable=true]');
}
