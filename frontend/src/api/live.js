import { API, address } from './client.js';
import { liveState, refresh, refreshStale } from './query.js';

/**
 * Live refresh: one EventSource on `/events`; what changed is read again at most every two seconds, and not while the
 * reader is typing or looking at a tooltip. Where the stream is refused, everything shown is read again every minute,
 * and the stream is asked for once more.
 */

const COALESCE = 2000;
const POLL = 60_000;

/** @type {EventSource | null} */
let source = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pending;
/** @type {ReturnType<typeof setInterval> | undefined} */
let poll;
let last = 0;
/** The id of the last event heard: a new stream begins with what changed since. */
let heard = '';
/** Resources and KPIs named since the last refresh; null when an event could not be read. @type {Set<string> | null} */
let changed = new Set();

/** Starts listening; once, after sign-in. */
export function startLive() {
  if (source || poll) return;
  if (typeof EventSource === 'undefined') return startPolling();
  open();
}

function open() {
  const path = heard ? `/events?after=${encodeURIComponent(heard)}` : '/events';
  const opened = new EventSource(address(path), { withCredentials: API !== '' });
  source = opened;
  for (const name of ['ready', 'change'])
    opened.addEventListener(name, (event) => {
      const { data, lastEventId } = /** @type {MessageEvent} */ (event);
      heard = lastEventId || heard;
      stopPolling();
      liveState.value = 'live';
      if (name === 'change') note(data);
    });
  opened.onerror = () => {
    liveState.value = 'polling';
    // A dropped connection comes back by itself, and says what it last heard; a refused one is closed for good.
    if (opened.readyState !== EventSource.CLOSED) return;
    source = null;
    startPolling();
  };
}

/** Stops listening: at sign-out. */
export function stopLive() {
  source?.close();
  source = null;
  heard = '';
  last = 0;
  changed = new Set();
  clearTimeout(pending);
  pending = undefined;
  stopPolling();
  liveState.value = 'off';
}

function startPolling() {
  liveState.value = 'polling';
  poll ??= setInterval(() => {
    if (document.visibilityState !== 'visible' || !navigator.onLine) return;
    refresh(undefined, { patient: true });
    if (!source && typeof EventSource !== 'undefined') open();
  }, POLL);
}

function stopPolling() {
  clearInterval(poll);
  poll = undefined;
}

/**
 * Takes note of an event; exported for its test.
 * @param {string} text JSON that names what changed: `{"resources": ["orders"], "kpis": ["order_intake"]}`; anything else refreshes everything
 */
export function note(text) {
  const names = namesIn(text);
  if (names === null) changed = null;
  else for (const name of names) changed?.add(name);
  schedule();
}

/** @param {string} text @returns {string[] | null} */
function namesIn(text) {
  try {
    const { resources, kpis } = JSON.parse(text);
    return [...resources, ...(kpis ?? []).map((/** @type {string} */ name) => `kpi/${name}`)];
  } catch {
    return null;
  }
}

/** A screen shows lists of many resources: it is read again whatever changed. @param {string} path @param {Set<string>} names */
const shows = (path, names) =>
  path.startsWith('/kpi/dashboards') || [...names].some((name) => path.startsWith(`/${name}`));

function schedule() {
  if (pending !== undefined) return;
  pending = setTimeout(flush, Math.max(120, last + COALESCE - Date.now()));
}

function flush() {
  pending = undefined;
  const names = changed;
  const done = refresh((path) => names === null || shows(path, names), { patient: true });
  last = Date.now();
  if (done) changed = new Set();
  else schedule();
}

if (typeof document !== 'undefined')
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && liveState.peek() !== 'off') refreshStale();
  });
