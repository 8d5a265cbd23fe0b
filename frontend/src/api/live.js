import { API, address } from './client.js';
import { liveState, refresh, refreshStale } from './query.js';

/**
 * Live refresh: one EventSource on `/events`; what changed is read again at most every two seconds, and not while the
 * reader is typing or looking at a tooltip. Where there is no such endpoint, everything shown is read again every minute.
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
/** Resources named since the last refresh; null when an event named none. @type {Set<string> | null} */
let changed = new Set();

/** Starts listening; once, after sign-in. */
export function startLive() {
  if (source || poll) return;
  if (typeof EventSource === 'undefined') return startPolling();
  const opened = new EventSource(address('/events'), { withCredentials: API !== '' });
  source = opened;
  opened.onopen = () => {
    liveState.value = 'live';
  };
  opened.onmessage = (event) => note(event.data);
  for (const name of ['change', 'changes', 'kpi'])
    opened.addEventListener(name, (event) => note(/** @type {MessageEvent} */ (event).data));
  opened.onerror = () => {
    // A dropped connection comes back by itself; one that the server refused (no such endpoint) is closed for good.
    if (opened.readyState !== EventSource.CLOSED) return;
    source = null;
    startPolling();
  };
}

/** Stops listening: at sign-out. */
export function stopLive() {
  source?.close();
  source = null;
  clearTimeout(pending);
  clearInterval(poll);
  pending = undefined;
  poll = undefined;
  liveState.value = 'off';
}

function startPolling() {
  liveState.value = 'polling';
  poll = setInterval(() => {
    if (document.visibilityState === 'visible' && navigator.onLine) refresh(undefined, { patient: true });
  }, POLL);
}

/**
 * Takes note of an event; exported for its test.
 * @param {string} text JSON that names what changed: `{"resources": ["orders"], "kpis": […]}`; anything else refreshes everything
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
    const event = JSON.parse(text);
    const names = [event.resource, ...(event.resources ?? [])].filter((name) => typeof name === 'string');
    return names.length || event.kpis ? names.map((name) => name.replaceAll('_', '-')) : null;
  } catch {
    return null;
  }
}

function schedule() {
  if (pending !== undefined) return;
  pending = setTimeout(flush, Math.max(120, last + COALESCE - Date.now()));
}

function flush() {
  pending = undefined;
  const names = changed;
  const done = refresh(
    (path) =>
      names === null || path.startsWith('/kpi') || [...names].some((name) => path.startsWith(`/${name}`)),
    { patient: true },
  );
  last = Date.now();
  if (done) changed = new Set();
  else schedule();
}

if (typeof document !== 'undefined')
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && liveState.peek() !== 'off') refreshStale();
  });
