import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/**
 * Width of an element in pixels, followed as it changes. Charts are drawn at their true size, so that text never scales.
 * @template {Element} T
 * @param {number} [fallback] width until measured
 * @returns {[import('preact').RefObject<T>, number]}
 */
export function useWidth(fallback = 320) {
  const ref = /** @type {import('preact').RefObject<T>} */ (useRef(/** @type {any} */ (null)));
  const [width, setWidth] = useState(fallback);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const next = Math.floor(element.clientWidth || element.getBoundingClientRect().width);
      if (next > 0) setWidth(next);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** @param {string} query @returns {boolean} whether a media query holds, followed as it changes */
export function useMedia(query) {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const follow = () => setHolds(list.matches);
    follow();
    list.addEventListener('change', follow);
    return () => list.removeEventListener('change', follow);
  }, [query]);
  return holds;
}

/** Whether the screen is a phone's, by the same limit as the style sheets. */
export const usePhone = () => useMedia('(max-width: 760px)');
