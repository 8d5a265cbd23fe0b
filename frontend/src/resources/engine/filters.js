import { date } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { showDecimal } from './decimals.js';
import { labelOf } from './reference.js';
import { fieldLabel, fieldOf, optionLabel, schemaOf } from './schema.js';

/**
 * The filters of a list, as its address holds them: the API's own parameters.
 * @typedef {import('./schema.js').SchemaField} SchemaField
 * @typedef {{name: string, base: string, end: '' | 'from' | 'to' | 'missing', field: SchemaField, value: string}} Active
 */

/** Fields that say nothing to whoever reads a list. */
const TECHNICAL = new Set(['external_id', 'root_id', 'order_line_id', 'scope_id', 'updated_at']);

/** @param {string} resource @returns {{field: SchemaField, range: boolean, missing: boolean}[]} what one can filter by */
export const filtersOf = (resource) =>
  (schemaOf(resource)?.filters ?? []).flatMap((filter) => {
    const field = fieldOf(resource, filter.name);
    return field && !TECHNICAL.has(filter.name)
      ? [{ field, range: !!filter.range, missing: !!filter.missing }]
      : [];
  });

/** @param {string} resource @param {string} search @returns {Active[]} those in the address that the API knows */
export function activeIn(resource, search) {
  const known = new Map((schemaOf(resource)?.filters ?? []).map((filter) => [filter.name, filter]));
  return [...new URLSearchParams(search)].flatMap(([name, value]) => {
    const [, base, tail] = /^(.+?)(?:_(from|to|missing))?$/.exec(name) ?? [];
    const exact = known.get(name);
    const filter = exact ?? known.get(base);
    const end = /** @type {Active['end']} */ (exact ? '' : (tail ?? ''));
    const field = filter && fieldOf(resource, filter.name);
    if (!field || !value || exact?.range) return [];
    if (end === 'missing' ? !filter.missing : end && !filter.range) return [];
    return [{ name, base: filter.name, end, field, value }];
  });
}

/**
 * The parameters of the list's request: filters, search and order, nothing the API would refuse.
 * @param {string} resource @param {string} search @param {string | undefined} sort by default
 * @returns {Record<string, string | string[] | undefined>}
 */
export function paramsIn(resource, search, sort) {
  const given = new URLSearchParams(search);
  const schema = schemaOf(resource);
  /** @type {Record<string, string | string[] | undefined>} */
  const params = {};
  for (const { name, value } of activeIn(resource, search))
    params[name] = [.../** @type {string[]} */ (params[name] ?? []), value];
  const q = given.get('q')?.trim();
  if (q && schema?.search) params.q = q;
  const wanted = given.get('sort');
  params.sort = wanted && schema?.sorts.includes(wanted.replace(/^-/, '')) ? wanted : sort;
  return params;
}

/** What a chip says of a filter. @param {string} resource @param {Active} active @param {Record<string, string>} names of the records referred to @returns {string} */
export function chipOf(resource, { base, end, field, value }, names) {
  const label = fieldLabel(resource, base);
  if (end === 'missing') return t(value === 'true' ? 'rec.chip_missing' : 'rec.chip_known', { label });
  const said = sayValue(resource, field, value, names);
  if (end === 'from') return t('rec.chip_from', { label, value: said });
  if (end === 'to') return t('rec.chip_to', { label, value: said });
  return t('rec.chip', { label, value: said });
}

/** @param {string} resource @param {SchemaField} field @param {string} value @param {Record<string, string>} names */
function sayValue(resource, field, value, names) {
  switch (field.type) {
    case 'enum':
      return optionLabel(resource, field.name, value);
    case 'boolean':
      return t(value === 'true' ? 'rec.yes' : 'rec.no');
    case 'date':
    case 'instant':
      return date(value);
    case 'money':
    case 'decimal':
      return showDecimal(value);
    case 'ref':
      return labelOf(field.ref, names[value] ?? '…');
    default:
      return value;
  }
}
