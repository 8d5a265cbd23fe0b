import { useEffect, useState } from 'preact/hooks';

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
