import schema from 'virtual:schema';
import { hasText, loadArea, t } from '../../i18n/index.js';
import css from '../../styles/records.css?inline';
import { adopt } from '../../ui/adopt.js';

// Whoever uses a part of the engine has its words and its styles with it.
adopt(css);
await Promise.all(['records', 'resources', 'do'].map(loadArea));

/**
 * @typedef {import('../../../tools/schema.js').SchemaField} SchemaField
 * @typedef {import('../../../tools/schema.js').ResourceSchema} ResourceSchema
 */

/** Every resource of the API that has records. @type {string[]} */
export const RESOURCES = Object.keys(schema);

/** @param {string} resource @returns {ResourceSchema | undefined} */
export const schemaOf = (resource) => schema[resource];

/** @param {string} resource @param {string} name @returns {SchemaField | undefined} */
export const fieldOf = (resource, name) => schema[resource]?.fields.find((field) => field.name === name);

/** The words of a field, those of the resource before those shared by all. @param {string} resource @param {string} name @returns {string} */
export function fieldLabel(resource, name) {
  const own = `f.${resource}.${name}`;
  return t(hasText(own) ? own : `f.${name}`);
}

/** @param {string} resource @param {string} name of an enum field @param {string} value @returns {string} */
export function optionLabel(resource, name, value) {
  const keys = [`e.${resource}.${name}.${value}`, `e.${name}.${value}`];
  const known = keys.find(hasText);
  return known ? t(known) : value;
}

/** @param {string} resource @returns {string} `Clients` */
export const pluralOf = (resource) => t(`r.${resource}`);

/** @param {string} resource @returns {string} `Client` */
export const singularOf = (resource) => t(`r1.${resource}`);
