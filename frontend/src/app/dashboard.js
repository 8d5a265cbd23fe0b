import { useEffect } from 'preact/hooks';
import { useQuery } from '../api/query.js';
import { t } from '../i18n/index.js';
import { useScope } from './scope.js';

/**
 * Everything a screen shows, in its one request, under the scope of the address. The early script asks for the same
 * address, so that the answer is on its way before this runs; it is kept on the device to be read offline.
 * @param {string} name as in the API: `activity`, `day`, `data-health`, `field`
 */
export function useDashboard(name) {
  const scope = useScope();
  const query = useQuery(`/kpi/dashboards/${name}${scope.query}`, { keep: true });
  return { ...query, scope };
}

/** The title of the window, which is also the print's. @param {string | null | undefined} text */
export function useTitle(text) {
  const name = t('app.name');
  useEffect(() => {
    document.title = text ? `${text} – ${name}` : name;
  }, [text, name]);
}
