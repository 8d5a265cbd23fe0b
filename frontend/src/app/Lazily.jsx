import { useEffect, useState } from 'preact/hooks';
import { loadArea } from '../i18n/index.js';

/**
 * A module that is ready once its texts are.
 * @template T
 * @param {Promise<T>} module @param {string} area of `i18n/areas`
 * @returns {Promise<T>}
 */
export const withTexts = (module, area) => Promise.all([module, loadArea(area)]).then(([found]) => found);

/**
 * A component whose code is fetched when it is first shown. `load` must be the same function at each drawing.
 * @param {{load: () => Promise<{default: any}>, fallback?: import('preact').ComponentChildren, [other: string]: any}} props other props go to it
 */
export function Lazily({ load, fallback = null, ...props }) {
  const [Found, setFound] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let here = true;
    load().then(
      (module) => here && setFound(() => module.default),
      () => {},
    );
    return () => {
      here = false;
    };
  }, [load]);
  return Found ? <Found {...props} /> : fallback;
}
