import { useLocation } from 'preact-iso';
import { SCOPE_KEYS } from './screens.js';

/** Where the app lives, with its final slash: `/app/`. */
export const BASE = import.meta.env.BASE_URL;

/** @param {string} [path] `activity`, `records/customers` @returns {string} an address inside the app */
export const to = (path = '') => `${BASE}${path.replace(/^\//, '')}`;

/** @param {string} resource as in the API: `customers` @param {string} [id] @returns {string} its list, or one record */
export const recordPath = (resource, id) =>
  to(`records/${resource}${id ? `/${encodeURIComponent(id)}` : ''}`);

/**
 * The scope in an address, as API parameters: lists repeat, so each value is a list.
 * @param {string} [search]
 * @returns {Record<string, string[]>}
 */
export function scopeIn(search = location.search) {
  /** @type {Record<string, string[]>} */
  const scope = {};
  for (const [name, value] of new URLSearchParams(search))
    if (SCOPE_KEYS.includes(name) && value) scope[name] = [...(scope[name] ?? []), value];
  return scope;
}

/**
 * The address of a query with some parameters changed; null takes one away.
 * @param {string} search @param {Record<string, string | string[] | null>} changes
 * @returns {string} `?…`, or nothing
 */
export function changed(search, changes) {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) if (one) params.append(name, one);
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** @param {string} url @returns {string} its query, with the question mark */
export const searchOf = (url) => (url.includes('?') ? url.slice(url.indexOf('?')).split('#')[0] : '');

/**
 * Whether a panel is open, kept in the address (`panel=…`), so that a link opens it and Back closes it.
 * @returns {{panel: string | null, href: (panel: string) => string, open: (panel: string) => void, close: () => void}}
 */
export function usePanel() {
  const { path, url, query, route } = useLocation();
  const search = searchOf(url);
  const href = (/** @type {string} */ panel) => `${path}${changed(search, { panel })}`;
  return {
    panel: query.panel ?? null,
    href,
    open: (panel) => route(href(panel)),
    close: () => route(`${path}${changed(search, { panel: null })}`, true),
  };
}
