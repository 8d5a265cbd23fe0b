import { get, query } from '../../api/client.js';
import { date, day, moneyExact } from '../../i18n/format.js';
import { DESCRIPTIONS, titleOf } from '../descriptions/index.js';
import { optionLabel, schemaOf } from './schema.js';

/** @param {string} resource @param {any} row @returns {string} what tells two records of the same name apart */
export function noteOf(resource, row) {
  const parts = {
    customers: [row.postal_code?.slice(0, 2), row.city],
    contacts: [row.job_title, row.labels?.customer_id],
    products: [row.reference, row.list_price && moneyExact(row.list_price)],
    users: [row.labels?.team_id ?? optionLabel('users', 'role', row.role)],
    opportunities: [row.labels?.customer_id, optionLabel('opportunities', 'status', row.status)],
    quotes: [row.labels?.customer_id, row.net_amount && moneyExact(row.net_amount, row.currency)],
    orders: [row.labels?.customer_id, row.net_amount && moneyExact(row.net_amount, row.currency)],
    invoices: [row.labels?.customer_id, row.due_on && date(row.due_on)],
    visits: [row.purpose],
    teams: [row.labels?.business_unit_id],
  }[resource];
  return (parts ?? []).filter(Boolean).join(', ');
}

/** @param {string} resource @param {any} row @returns {import('./draft.js').Option} */
export const optionOf = (resource, row) => ({
  value: row.id,
  label: titleOf(resource, row),
  note: noteOf(resource, row),
  row,
});

/**
 * The search of a combobox over the records of a resource; what has no search of its own lists the latest.
 * @param {string} resource @param {string | undefined} customer only records of this customer, where they have one
 * @returns {(text: string, signal: AbortSignal) => Promise<import('./draft.js').Option[]>}
 */
export function searchIn(resource, customer) {
  const schema = schemaOf(resource);
  const has = (/** @type {string} */ name) => schema?.filters.some((filter) => filter.name === name);
  return async (text, signal) => {
    const params = {
      limit: 15,
      q: schema?.search ? text.trim() : '',
      sort: schema?.search && text.trim() ? '' : DESCRIPTIONS[resource]?.sort,
      customer_id: customer && has('customer_id') ? customer : '',
      is_active: has('is_active') ? 'true' : '',
      merged_into_id_missing: has('merged_into_id') ? 'true' : '',
    };
    const { data } = await get(`/${resource}${query(params)}`, { signal });
    return data.items.map((/** @type {any} */ row) => optionOf(resource, row));
  };
}

/** The label of a reference as the API sends it. @param {string | undefined} ref resource referred to @param {string} label @returns {string} visits are called by their day */
export const labelOf = (ref, label) =>
  ref === 'visits' && /^\d{4}-\d\d-\d\d$/.test(label) ? day(label) : label;
