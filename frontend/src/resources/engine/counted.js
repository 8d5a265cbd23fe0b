/** How far a list is counted: of a longer one the exact total would cost more than the page. */
export const COUNTED = 10_000;
