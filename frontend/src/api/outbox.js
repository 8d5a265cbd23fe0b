import { signal } from '@preact/signals';
import { readStored, writeStored } from '../i18n/index.js';
import { ApiError, call } from './client.js';
import { touched } from './query.js';

/**
 * Writes made without network (visit reports): kept on this device and sent later, once, under the idempotency key they
 * were given when written. Kept with who wrote them: another user of the same device neither sees nor sends them.
 *
 * @typedef {{key: string, user: string, method: 'POST'|'PUT', path: string, body: any, label: string, at: string, touches: string[],
 *   error: {status: number, title: string, detail: string, fields: Record<string, string>} | null}} Item
 *   `touches`: resources to read again once sent; `error`: why the API refused it, until it is corrected
 */

const STORE = 'outbox';

/** What waits, oldest first. */
export const outbox = signal(/** @type {Item[]} */ ([]));

/** @type {string} */
let owner = '';
/** @type {Promise<{sent: Item[], refused: Item[]}> | null} */
let running = null;

/** @returns {Item[]} everyone's */
function readAll() {
  try {
    return JSON.parse(readStored(STORE) ?? '[]');
  } catch {
    return [];
  }
}

/** @param {Item[]} mine */
function write(mine) {
  outbox.value = mine;
  const all = [...readAll().filter((item) => item.user !== owner), ...mine];
  writeStored(STORE, all.length ? JSON.stringify(all) : null);
}

/** Shows what a user left waiting: after sign-in. @param {string} user id */
export function openOutbox(user) {
  owner = user;
  outbox.value = readAll().filter((item) => item.user === user);
}

/** Erases what the user left: at sign-out, after a warning. */
export function emptyOutbox() {
  if (owner) write([]);
}

/**
 * Sends a write now, or keeps it when there is no network.
 * @param {{path: string, body: any, label: string, method?: 'POST'|'PUT', touches?: string[], key?: string}} item
 *   `key`: idempotency key made when the form was opened; `label`: how the user recognises it
 * @returns {Promise<{sent: boolean, data: any}>} `sent` false: kept for later
 * @throws {ApiError} the API refused it: it is not kept, the form still has it
 */
export async function send({ path, body, label, method = 'POST', touches = [], key = crypto.randomUUID() }) {
  try {
    const { data } = await call(path, { method, body, key });
    write(outbox.peek().filter((item) => item.key !== key));
    touched(...touches);
    return { sent: true, data };
  } catch (error) {
    if (!canWait(error)) throw error;
    const item = {
      key,
      user: owner,
      method,
      path,
      body,
      label,
      at: new Date().toISOString(),
      touches,
      error: null,
    };
    write([...outbox.peek().filter((other) => other.key !== key), item]);
    return { sent: false, data: null };
  }
}

/**
 * Of the conflicts only our own earlier try, still under way, ends by itself; another state of the record does not.
 * @param {unknown} error @returns {boolean} whether trying later may succeed
 */
const canWait = (error) =>
  !(error instanceof ApiError) ||
  [401, 425, 429, 502, 503, 504].includes(error.status) ||
  error.type.endsWith('/idempotency_in_progress');

/** Takes one out, unsent. @param {string} key */
export const discard = (key) => write(outbox.peek().filter((item) => item.key !== key));

/** Puts one back that was taken out. @param {Item} item */
export const restore = (item) => write([...outbox.peek().filter((other) => other.key !== item.key), item]);

/**
 * Tries what waits, in order; what the API refuses stays with its reason and is not tried again by itself.
 * @returns {Promise<{sent: Item[], refused: Item[]}>}
 */
export function flush() {
  running ??= flushAll().finally(() => {
    running = null;
  });
  return running;
}

async function flushAll() {
  /** @type {Item[]} */
  const sent = [];
  /** @type {Item[]} */
  const refused = [];
  for (const item of outbox.peek().filter((one) => !one.error)) {
    try {
      await call(item.path, { method: item.method, body: item.body, key: item.key });
      sent.push(item);
      discard(item.key);
    } catch (error) {
      if (canWait(error)) break;
      const { status, title, detail, fields } = /** @type {ApiError} */ (error);
      refused.push(item);
      write(
        outbox
          .peek()
          .map((one) => (one.key === item.key ? { ...one, error: { status, title, detail, fields } } : one)),
      );
    }
  }
  if (sent.length) touched(...new Set(sent.flatMap((item) => item.touches)));
  return { sent, refused };
}
