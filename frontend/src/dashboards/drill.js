/**
 * The records behind a number, as part of the address: `panel=weighted_pipeline;stage=…`. Scope and period come from the rest of it.
 * @typedef {{name: string, filters: Record<string, string>}} Drill
 */

/** Filters that narrow a KPI beside the scope, and those of the scope that a row replaces. */
const FILTERS = ['rep', 'team', 'business_unit', 'customer', 'product', 'stage', 'source', 'from', 'to'];
const NAME = /^[a-z][a-z_]*$/;

/** @param {string} name of a KPI @param {Record<string, string | null | undefined>} [filters] null means unassigned @returns {string} */
export const drillKey = (name, filters = {}) =>
  [
    name,
    ...Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${encodeURIComponent(value ?? 'unassigned')}`),
  ].join(';');

/** @param {string | null} panel @returns {Drill | null} null when the panel is something else */
export function readDrill(panel) {
  const [name, ...rest] = (panel ?? '').split(';');
  if (!NAME.test(name)) return null;
  /** @type {Record<string, string>} */
  const filters = {};
  for (const one of rest) {
    const at = one.indexOf('=');
    const key = one.slice(0, at);
    if (at > 0 && FILTERS.includes(key)) filters[key] = decodeURIComponent(one.slice(at + 1));
  }
  return { name, filters };
}

/**
 * The parameters of `/kpi/{name}/records`: the scope, narrowed by the row clicked.
 * @param {Record<string, string[]>} scope as in the address @param {Record<string, string>} filters
 * @returns {Record<string, string[]>}
 */
export function recordsParams(scope, filters) {
  /** @type {Record<string, string[]>} */
  const params = { ...scope };
  delete params.compare;
  if (filters.from) delete params.period;
  for (const [key, value] of Object.entries(filters)) params[key] = [value];
  return params;
}
