/**
 * The only door to the API: one function over fetch, with what every call needs.
 *
 * @typedef {{pointer?: string, detail?: string, remedy?: string, [other: string]: any}} FieldProblem
 * @typedef {{method?: string, body?: unknown, etag?: string | null, key?: string, headers?: Record<string, string>, signal?: AbortSignal,
 *   fresh?: boolean}} Options
 *   `etag`: sent as If-Match; `key`: Idempotency-Key; `fresh`: without the answer kept from before
 * @typedef {{data: any, etag: string | null, status: number, at: Date}} Answer
 */

/** Root of the API, without a trailing slash; empty for the same origin. */
export const API = __CADRAN_API__;

const CREDENTIALS = /** @type {RequestCredentials} */ (API ? 'include' : 'same-origin');

/** What the API refused, as it says it (RFC 9457). */
export class ApiError extends Error {
  /** @param {number} status @param {any} [problem] @param {number | null} [retryAfter] seconds */
  constructor(status, problem = {}, retryAfter = null) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.type = problem.type ?? 'about:blank';
    this.title = problem.title ?? '';
    this.detail = problem.detail ?? '';
    this.retryAfter = retryAfter;
    /** @type {FieldProblem[]} */
    this.errors = problem.errors ?? [];
  }

  /** Messages by field name, nested ones with dots: `{'lines.0.quantity': '…'}`. @returns {Record<string, string>} */
  get fields() {
    return Object.fromEntries(
      this.errors
        .filter((e) => e.pointer)
        .map((e) => [
          fieldOf(/** @type {string} */ (e.pointer)),
          [e.detail, e.remedy].filter(Boolean).join(' '),
        ]),
    );
  }
}

/** The server could not be reached at all. */
export class NetworkError extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('network', { cause });
    this.name = 'NetworkError';
    this.status = 0;
  }
}

/** @param {string} pointer JSON pointer, `/lines/0/quantity` or `#/body/…` @returns {string} */
export const fieldOf = (pointer) =>
  pointer
    .replace(/^#?\/(body\/)?/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');

/** Answers kept by address with their ETag, so that an unchanged one costs a 304. @type {Map<string, Answer>} */
const kept = new Map();
const KEPT = 200;

/** Called when the API says that nobody is signed in. @type {() => void} */
let signedOut = () => {};
/** @param {() => void} listener */
export const onSignedOut = (listener) => {
  signedOut = listener;
};

/** Forgets every answer kept: at sign-out. */
export const forgetAnswers = () => kept.clear();

/** @param {string} path `/customers?limit=5` @returns {string} the address to fetch, and the key of what is kept */
export const address = (path) => (path.startsWith('http') ? path : `${API}${path}`);

/**
 * Calls the API.
 * @param {string} path from the root, with its query
 * @param {Options} [options] a body is sent as JSON, and as a merge patch with PATCH
 * @returns {Promise<Answer>} `data` is null for an empty answer
 * @throws {ApiError} refused by the API
 * @throws {NetworkError} no answer; aborted calls throw as fetch does
 */
export async function call(path, options = {}) {
  const { method = 'GET', body, etag, key, signal, fresh } = options;
  const url = address(path);
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...options.headers };
  const reading = method === 'GET';
  const before = reading && !fresh ? kept.get(url) : undefined;
  if (before?.etag) headers['If-None-Match'] = before.etag;
  if (etag) headers['If-Match'] = etag;
  if (key) headers['Idempotency-Key'] = key;
  const raw = body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !raw)
    headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';

  let response;
  try {
    const early = reading ? takeEarly(url) : undefined;
    response =
      (early && (await early)) ??
      (await fetch(url, {
        method,
        headers,
        signal,
        credentials: CREDENTIALS,
        body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NetworkError(error);
  }
  if (response.status === 304 && before) return { ...before, at: new Date() };
  const data = await read(response);
  if (!response.ok) {
    if (response.status === 401 && !path.startsWith('/session')) signedOut();
    const wait = Number(response.headers.get('Retry-After'));
    throw new ApiError(response.status, data ?? undefined, wait || null);
  }
  const answer = { data, etag: response.headers.get('ETag'), status: response.status, at: new Date() };
  if (reading) keep(url, answer);
  return answer;
}

/** @param {Response} response @returns {Promise<any>} */
async function read(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  if (!text) return null;
  if (!/json/.test(response.headers.get('Content-Type') ?? '')) return response.ok ? text : { detail: '' };
  return JSON.parse(text);
}

/** @param {string} url @param {Answer} answer */
function keep(url, answer) {
  if (!answer.etag) return;
  kept.delete(url);
  kept.set(url, answer);
  if (kept.size > KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
}

/** The answer that the early script asked for, once. @param {string} url */
function takeEarly(url) {
  const early = globalThis.window?.__early?.[url];
  if (early) delete (/** @type {any} */ (window.__early)[url]);
  return early?.catch(() => undefined);
}

/** @param {string} path @param {Options} [options] */
export const get = (path, options) => call(path, options);

/** Creates; sent with an idempotency key, so that pressing twice or losing the answer creates one. @param {string} path @param {unknown} [body] @param {Options} [options] */
export const post = (path, body, options = {}) =>
  call(path, { method: 'POST', body: body ?? {}, key: crypto.randomUUID(), ...options });

/** Changes some fields, unless somebody else has meanwhile (412). @param {string} path @param {unknown} body @param {string | null} etag @param {Options} [options] */
export const patch = (path, body, etag, options = {}) =>
  call(path, { method: 'PATCH', body, etag, ...options });

/** @param {string} path @param {string | null} [etag] @param {Options} [options] */
export const remove = (path, etag, options = {}) => call(path, { method: 'DELETE', etag, ...options });

/**
 * Writes a query with its keys sorted, so that the same question has one address. Lists repeat; empty values are left out.
 * @param {Record<string, string | number | boolean | string[] | null | undefined>} params
 * @returns {string} `?a=1&b=2`, or nothing
 */
export function query(params) {
  const out = new URLSearchParams();
  for (const name of Object.keys(params).sort()) {
    const value = params[name];
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined && one !== '') out.append(name, String(one));
  }
  const text = out.toString();
  return text ? `?${text}` : '';
}
