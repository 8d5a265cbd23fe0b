import { NotANumber, readDecimal, writeDecimal } from './decimals.js';

/**
 * A form's values as they are typed, and the body to send of them.
 *
 * @typedef {import('./schema.js').SchemaField} SchemaField
 * @typedef {{value: string, label: string, note?: string, row?: any}} Option a reference; its label may not be known yet
 * @typedef {{key: string, id?: string, base?: any, values: Draft}} DraftRow one line; `base`: as the API sent it
 * @typedef {Record<string, any>} Draft
 *   text, numbers and dates as text; references as options or null; several as a list; lines as rows
 * @typedef {Record<string, string>} Errors codes (`required`, `number`) or sentences, by field, lines as `lines.0.quantity`
 */

const DECIMALS = new Set(['money', 'decimal', 'ratio', 'integer']);
/** Computed by the API from the rest, or kept by it: never sent back. */
const COMPUTED = new Set(['net_amount', 'list_price', 'unit_cost']);
let made = 0;

/** @param {SchemaField} field @param {any} value as the API has it @param {Record<string, string | null>} labels @returns {any} */
function typed(field, value, labels) {
  if (field.type === 'ref') return value ? { value, label: labels[field.name] ?? '' } : null;
  if (field.type === 'refs')
    return (value ?? []).map((/** @type {string} */ id) => ({ value: id, label: '' }));
  if (field.type === 'rows') return (value ?? []).map((/** @type {any} */ row) => draftRow(field, row));
  if (field.type === 'boolean') return value ?? false;
  if (DECIMALS.has(field.type)) return writeDecimal(value, field.type === 'ratio' ? 2 : 0);
  return value ?? '';
}

/** @param {SchemaField} field of the rows @param {any} [base] as the API sent it; nothing for a new one @returns {DraftRow} */
export function draftRow(field, base) {
  made += 1;
  return { key: `row-${made}`, id: base?.id, base, values: draftOf(field.fields ?? [], base) };
}

/**
 * @param {SchemaField[]} fields @param {any} [record] none for a new one @param {Record<string, any>} [prefill] API values
 * @returns {Draft}
 */
export function draftOf(fields, record, prefill = {}) {
  return Object.fromEntries(
    fields.map((field) => {
      const { name } = field;
      const given = record ? record[name] : (prefill[name] ?? field.initial);
      const value = field.type === 'boolean' && typeof given === 'string' ? given === 'true' : given;
      return [name, typed(field, value, record?.labels ?? {})];
    }),
  );
}

/**
 * One value as the API takes it; null for nothing.
 * @param {SchemaField} field @param {any} value @returns {any}
 * @throws {NotANumber}
 */
function sent(field, value) {
  switch (field.type) {
    case 'ref':
      return value?.value ?? null;
    case 'refs':
      return value.map((/** @type {Option} */ one) => one.value);
    case 'boolean':
      return value;
    case 'integer': {
      const text = readDecimal(value);
      if (text !== null && !/^-?\d+$/.test(text)) throw new NotANumber(value);
      return text === null ? (field.initial ?? null) : Number(text);
    }
    case 'money':
    case 'decimal':
    case 'ratio':
      return readDecimal(value, field.type === 'ratio' ? 2 : 0) ?? field.initial ?? null;
    case 'long':
      return value.trim() ? value : null;
    default:
      return (typeof value === 'string' ? value.trim() : value) || null;
  }
}

/** @param {SchemaField} field @param {DraftRow} row @returns {boolean} a line nobody has written on */
export const isBlank = (field, row) =>
  !row.id &&
  (field.fields ?? []).every((one) => {
    const value = row.values[one.name];
    const empty = draftOf([one])[one.name];
    return JSON.stringify(value) === JSON.stringify(empty);
  });

/**
 * @param {SchemaField} field @param {DraftRow} row @param {string} place @param {Errors} errors completed
 * @returns {any} the line as the API takes it
 */
function sentRow(field, row, place, errors) {
  /** @type {any} */
  const body = row.id ? { id: row.id } : {};
  for (const one of field.fields ?? []) {
    if (one.readonly || one.name === 'id' || COMPUTED.has(one.name)) continue;
    // What the form has no control for goes back as it came, or the API would take it as emptied.
    if (one.type === 'id') {
      if (row.base) body[one.name] = row.base[one.name];
      continue;
    }
    const value = collect(one, row.values[one.name], `${place}.${one.name}`, errors);
    if (value === undefined) continue;
    if (value === null && one.required) errors[`${place}.${one.name}`] = 'required';
    else if (value !== null || row.id) body[one.name] = value;
  }
  return body;
}

/** @param {SchemaField} field @param {any} value @param {string} place @param {Errors} errors @returns {any} undefined when it cannot be read */
function collect(field, value, place, errors) {
  try {
    if (field.type === 'rows')
      return value.map((/** @type {DraftRow} */ row, /** @type {number} */ i) =>
        sentRow(field, row, `${place}.${i}`, errors),
      );
    return sent(field, value);
  } catch (error) {
    if (!(error instanceof NotANumber)) throw error;
    errors[place] = 'number';
    return undefined;
  }
}

/**
 * The body of a create, or of a merge patch holding what differs from the record.
 * @param {SchemaField[]} fields those the form shows @param {Draft} draft @param {Draft | null} base the draft of the record as it was read; null to create
 * @returns {{body: Record<string, any>, errors: Errors}} nothing is to be sent while there are errors
 */
export function bodyOf(fields, draft, base) {
  /** @type {Errors} */
  const errors = {};
  /** @type {Record<string, any>} */
  const body = {};
  for (const field of fields) {
    const value = collect(field, draft[field.name], field.name, errors);
    if (value === undefined) continue;
    const nothing = value === null || (Array.isArray(value) && value.length === 0);
    if (field.required && nothing) errors[field.name] = 'required';
    else if (!base) {
      if (!nothing) body[field.name] = value;
    } else if (JSON.stringify(value) !== JSON.stringify(collect(field, base[field.name], field.name, {})))
      body[field.name] = value;
  }
  return { body, errors };
}

/** Whether what is typed differs from what was there, unreadable numbers included. @param {SchemaField[]} fields @param {Draft} draft @param {Draft} base @returns {string[]} names of the fields that do */
export function changedIn(fields, draft, base) {
  const plain = (/** @type {any} */ value) =>
    JSON.stringify(value, (key, inner) =>
      ['label', 'note', 'row', 'key', 'base'].includes(key) ? undefined : inner,
    );
  return fields
    .filter((field) => plain(draft[field.name]) !== plain(base[field.name]))
    .map((field) => field.name);
}
