import { signal } from '@preact/signals';
import { readStored, writeStored } from '../../i18n/index.js';

/**
 * Lists one comes back to: a name and a query, kept on this device for each person.
 * @typedef {{name: string, search: string}} View
 */

/** Rises when a view is kept or removed, so that menus follow. */
const changes = signal(0);

/** @param {string} person @param {string} resource @returns {string} */
const place = (person, resource) => `views.${person}.${resource}`;

/** @param {string} person id @param {string} resource @returns {View[]} by name */
export function viewsOf(person, resource) {
  changes.value;
  try {
    const found = JSON.parse(readStored(place(person, resource)) ?? '[]');
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** Keeps a view, in place of one of the same name. @param {string} person @param {string} resource @param {View} view */
export function keepView(person, resource, view) {
  const others = viewsOf(person, resource).filter((one) => one.name !== view.name);
  const all = [...others, view].sort((a, b) => a.name.localeCompare(b.name));
  writeStored(place(person, resource), JSON.stringify(all));
  changes.value += 1;
}

/** @param {string} person @param {string} resource @param {string} name */
export function dropView(person, resource, name) {
  const left = viewsOf(person, resource).filter((one) => one.name !== name);
  writeStored(place(person, resource), left.length ? JSON.stringify(left) : null);
  changes.value += 1;
}
