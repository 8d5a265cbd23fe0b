import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../../api/client.js';
import { user } from '../../app/session.js';

/**
 * Records known by their id only, asked for together: fifty rows that each name a visit make one request.
 * @typedef {import('@preact/signals').Signal<any>} Found undefined: not known yet; null: not there for this person
 */

/** @type {Map<string, Found>} by person, resource and id */
const found = new Map();
/** @type {Map<string, Set<string>>} ids to ask for at the end of this turn, by resource */
const waiting = new Map();
const MOST = 100;

/** @param {string} resource @param {string} id @returns {Found} */
function entryOf(resource, id) {
  const key = `${user.peek()?.id}/${resource}/${id}`;
  let entry = found.get(key);
  if (!entry) {
    entry = signal(undefined);
    found.set(key, entry);
  }
  return entry;
}

/** @param {string} resource @param {string[]} ids */
async function ask(resource, ids) {
  const path = `/${resource}?limit=${MOST}&${ids.map((id) => `id=${encodeURIComponent(id)}`).join('&')}`;
  const rows = await get(path).then(
    ({ data }) => data.items,
    () => [],
  );
  const byId = new Map(rows.map((/** @type {any} */ row) => [row.id, row]));
  for (const id of ids) entryOf(resource, id).value = byId.get(id) ?? null;
}

/** @param {string} resource @param {string} id */
function want(resource, id) {
  if (waiting.size === 0)
    setTimeout(() => {
      const all = [...waiting];
      waiting.clear();
      for (const [name, ids] of all) {
        const list = [...ids];
        for (let at = 0; at < list.length; at += MOST) ask(name, list.slice(at, at + MOST));
      }
    });
  waiting.set(resource, (waiting.get(resource) ?? new Set()).add(id));
}

/**
 * @param {string} resource @param {string | null | undefined} id nothing asks for nothing
 * @returns {any} the record; undefined until it is known, null when it is not there
 */
export function useLookup(resource, id) {
  const entry = id ? entryOf(resource, id) : null;
  useEffect(() => {
    if (id && entry?.peek() === undefined) want(resource, id);
  }, [resource, id]);
  return entry?.value;
}
