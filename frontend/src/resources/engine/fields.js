import { currency } from '../../i18n/format.js';
import { DESCRIPTIONS, titleOf } from '../descriptions/index.js';
import { schemaOf } from './schema.js';

/** @typedef {import('./schema.js').SchemaField} SchemaField */

/** Whose a record is: a rep writes in the own name, the API refuses another. */
const PEOPLE = new Set(['owner_id', 'rep_id', 'author_id', 'prospect_rep_id', 'team_id', 'business_unit_id']);
/** Amounts that marketing does not see. */
const AMOUNTS = new Set(['credit_limit', 'estimated_amount']);

/** @param {string} name @param {string | undefined} role @param {string} resource @returns {boolean} */
const kept = (name, role, resource) =>
  !(role === 'rep' && PEOPLE.has(name)) &&
  !(role === 'marketing' && (AMOUNTS.has(name) || (resource === 'tasks' && name === 'owner_id')));

/**
 * The fields of a form: first those one fills, then those folded away, and the lines.
 * @param {string} resource @param {boolean} editing @param {string | undefined} role
 * @returns {{main: SchemaField[], more: SchemaField[], rows: SchemaField[]}}
 */
export function formFields(resource, editing, role) {
  const said = DESCRIPTIONS[resource];
  const hidden = new Set(said?.hidden);
  const writable = (schemaOf(resource)?.fields ?? []).filter(
    (field) =>
      !field.readonly &&
      !(editing && field.fixed) &&
      !hidden.has(field.name) &&
      field.type !== 'id' &&
      field.type !== 'instant' &&
      kept(field.name, role, resource),
  );
  const plain = writable.filter((field) => field.type !== 'rows');
  const first = new Set(
    said?.main ?? plain.map((field) => field.name).filter((name) => name !== 'external_id'),
  );
  return {
    main: plain
      .filter((field) => first.has(field.name) || field.required)
      .sort((a, b) => order(said?.main, a.name) - order(said?.main, b.name)),
    more: plain.filter((field) => !first.has(field.name) && !field.required),
    rows: writable.filter((field) => field.type === 'rows'),
  };
}

/** @param {string[] | undefined} names @param {string} name */
const order = (names, name) => {
  const at = names?.indexOf(name) ?? -1;
  return at < 0 ? 99 : at;
};

/**
 * The facts of a record, in the order of the form; what is unknown only where one would look for it.
 * @param {string} resource @param {any} record @param {string | undefined} role @returns {SchemaField[]}
 */
export function factFields(resource, record, role) {
  const said = DESCRIPTIONS[resource];
  const main = said?.main ?? said?.columns ?? [];
  const skip = new Set(['id', 'created_at', 'updated_at', ...(said?.rows?.total ?? [])]);
  const title = titleOf(resource, record);
  const empty = (/** @type {any} */ value) =>
    value === null || value === undefined || value === '' || value?.length === 0;
  return (schemaOf(resource)?.fields ?? [])
    .filter(
      ({ name, type }) =>
        !skip.has(name) &&
        type !== 'rows' &&
        type !== 'password' &&
        !(type === 'id' && !record.labels?.[name]) &&
        !(role === 'marketing' && AMOUNTS.has(name)) &&
        !(type === 'text' && record[name] === title) &&
        !(name === 'currency' && record.currency === currency.value) &&
        !(name === 'revision' && record.revision === 1) &&
        !(type === 'long' && empty(record[name])) &&
        !(name === 'exchange_rate' && Number(record[name]) === 1) &&
        !(name === 'base_amount' && record.base_amount === (record.net_amount ?? record.amount)) &&
        !(name === 'base_gross_amount' && record.base_gross_amount === record.gross_amount) &&
        (main.includes(name) || !(empty(record[name]) || record[name] === false)),
    )
    .sort((a, b) => order(main, a.name) - order(main, b.name));
}
