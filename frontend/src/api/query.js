import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { readStored, writeStored } from '../i18n/index.js';
import { isBusy } from '../ui/busy.js';
import { call } from './client.js';

/**
 * What the screens read, kept as signals: one entry an address, shared by whoever shows it.
 * A failed refresh keeps the last value and its hour; after five minutes it is stale.
 *
 * @typedef {{data: any, error: any, at: Date | null, loading: boolean, etag: string | null}} State
 *   `at`: when `data` was received; `error`: of the last try, null once one succeeds
 * @typedef {{state: import('@preact/signals').Signal<State>, path: string, keep: boolean, running: Promise<void> | null, users: number, dirty: boolean, again: boolean}} Entry
 *   `again`: touched while it was being read, so what arrives may be older
 */

export const STALE = 5 * 60 * 1000;

/** @type {Map<string, Entry>} */
const entries = new Map();
const UNUSED = 40;

/** `live`: events arrive; `polling`: read again every minute; `off`: not started. Kept by `live.js`, which comes later. */
export const liveState = signal(/** @type {'off'|'live'|'polling'} */ ('off'));

/** Rises every half minute, so that what depends on age is drawn again. */
export const clock = signal(Date.now());
if (typeof setInterval === 'function') setInterval(() => (clock.value = Date.now()), 30_000);

/** @param {string} path @param {boolean} keep @returns {Entry} */
function entryOf(path, keep) {
  let entry = entries.get(path);
  if (!entry) {
    const stored = keep ? storedAnswer(path) : null;
    const state = signal(
      /** @type {State} */ ({ data: null, error: null, at: null, loading: false, etag: null, ...stored }),
    );
    entry = { state, path, keep, running: null, users: 0, dirty: false, again: false };
    entries.set(path, entry);
    trim();
  }
  return entry;
}

function trim() {
  const idle = [...entries.values()].filter((entry) => entry.users === 0 && !entry.running);
  for (const entry of idle.slice(0, Math.max(0, idle.length - UNUSED))) entries.delete(entry.path);
}

/**
 * Reads again; several callers at once share one request.
 * @param {Entry} entry
 * @returns {Promise<void>}
 */
function load(entry) {
  entry.running ??= (async () => {
    entry.state.value = { ...entry.state.peek(), loading: true };
    try {
      const answer = await call(entry.path);
      entry.dirty = false;
      entry.state.value = {
        data: answer.data,
        error: null,
        at: answer.at,
        loading: false,
        etag: answer.etag,
      };
      if (entry.keep) storeAnswer(entry.path, answer);
    } catch (error) {
      const gone = /** @type {any} */ (error).status === 404 || /** @type {any} */ (error).status === 403;
      const before = entry.state.peek();
      entry.state.value = { ...before, data: gone ? null : before.data, error, loading: false };
    } finally {
      entry.running = null;
      if (entry.again) reload(entry);
    }
  })();
  return entry.running;
}

/** Reads again what was changed: now if it is shown, after the reading under way if there is one. @param {Entry} entry */
function reload(entry) {
  entry.again = entry.running !== null;
  if (entry.again) return;
  if (entry.users > 0) load(entry);
  else entry.dirty = true;
}

/** @param {State} state @returns {boolean} */
const isStale = (state) => !state.at || Date.now() - state.at.getTime() > STALE;

/**
 * Starts reading before anything shows it.
 * @param {string} path @param {{keep?: boolean}} [options]
 */
export function prefetch(path, { keep = false } = {}) {
  const entry = entryOf(path, keep);
  if (isStale(entry.state.peek())) load(entry);
}

/**
 * What a component shows: reads at once, again when stale, and whenever `refresh` touches it.
 * @param {string | null} path null reads nothing
 * @param {{keep?: boolean, every?: number}} [options] `keep`: readable offline, after a reload too
 * @returns {State & {stale: boolean, refresh: () => Promise<void>, set: (data: any) => void}} `set` shows a change before the server has said it
 */
export function useQuery(path, { keep = false } = {}) {
  const entry = useMemo(() => (path === null ? null : entryOf(path, keep)), [path, keep]);
  useEffect(() => {
    if (!entry) return;
    entry.users += 1;
    entries.set(entry.path, entry);
    if (entry.dirty || isStale(entry.state.peek())) load(entry);
    return () => {
      entry.users -= 1;
    };
  }, [entry]);
  const state = entry?.state.value ?? { data: null, error: null, at: null, loading: false, etag: null };
  return {
    ...state,
    loading: state.loading || (!!entry && !state.at && !state.error),
    stale: !!state.at && clock.value - state.at.getTime() > STALE,
    refresh: () => (entry ? load(entry) : Promise.resolve()),
    set: (data) => {
      if (entry) entry.state.value = { ...entry.state.peek(), data };
    },
  };
}

/**
 * Reads again what is on the screen among the addresses that match; the others will be read when they are shown.
 * @param {(path: string) => boolean} [matches] every one by default
 * @param {{patient?: boolean}} [options] `patient`: not while a field has focus or a tooltip is open; it is then only noted
 * @returns {boolean} false when it was put off
 */
export function refresh(matches = () => true, { patient = false } = {}) {
  if (patient && isBusy()) return false;
  for (const entry of entries.values()) if (matches(entry.path)) reload(entry);
  return true;
}

/** After a write: reads again the KPIs and the resource written. @param {...string} resources `orders`, `customers` … */
export const touched = (...resources) =>
  refresh((path) => path.startsWith('/kpi') || resources.some((name) => path.startsWith(`/${name}`)));

/** Reads again what has become stale, for a page left open. */
export function refreshStale() {
  for (const entry of entries.values()) if (entry.users > 0 && isStale(entry.state.peek())) load(entry);
}

/** Forgets everything, on this device too: at sign-out. */
export function forget() {
  entries.clear();
  for (const path of index()) writeStored(`answer.${path}`, null);
  writeStored('answers', null);
}

const KEPT = 24;

/** @returns {string[]} addresses kept on this device, the latest last */
function index() {
  try {
    return JSON.parse(readStored('answers') ?? '[]');
  } catch {
    return [];
  }
}

/** @param {string} path @param {import('./client.js').Answer} answer */
function storeAnswer(path, answer) {
  const list = [...index().filter((other) => other !== path), path];
  for (const old of list.splice(0, Math.max(0, list.length - KEPT))) writeStored(`answer.${old}`, null);
  writeStored(`answer.${path}`, JSON.stringify({ data: answer.data, at: answer.at }));
  writeStored('answers', JSON.stringify(list));
}

/** @param {string} path @returns {{data: any, at: Date} | null} */
function storedAnswer(path) {
  try {
    const found = JSON.parse(readStored(`answer.${path}`) ?? 'null');
    return found && { data: found.data, at: new Date(found.at) };
  } catch {
    return null;
  }
}
