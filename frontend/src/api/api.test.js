import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ApiError,
  call,
  fieldOf,
  forgetAnswers,
  NetworkError,
  onSignedOut,
  patch,
  post,
  query,
} from './client.js';
import { note } from './live.js';
import { discard, emptyOutbox, flush, openOutbox, outbox, send } from './outbox.js';
import { forget, prefetch } from './query.js';

/** @type {ReturnType<typeof vi.fn>} */
let fetched;
/** @param {any} body @param {ResponseInit} [init] */
const json = (body, init = {}) =>
  new Response(body === null ? null : JSON.stringify(body), {
    ...init,
    headers: { 'Content-Type': 'application/json', .../** @type {any} */ (init.headers) },
  });
/** @param {number} status @param {any} problem @param {Record<string, string>} [headers] */
const refused = (status, problem, headers = {}) =>
  new Response(JSON.stringify(problem), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });
/** @param {number} [i] options of a call */
const sent = (i = 0) => fetched.mock.calls[i][1];

beforeEach(() => {
  fetched = vi.fn(async () => json({}));
  vi.stubGlobal('fetch', fetched);
  localStorage.clear();
  forgetAnswers();
  forget();
});
afterEach(() => vi.unstubAllGlobals());

describe('client', () => {
  it('sends the cookie to its own origin only', async () => {
    await call('/session');
    expect(fetched.mock.calls[0][0]).toBe('/session');
    expect(sent().credentials).toBe('same-origin');
  });

  it('keeps an answer by its ETag and takes it again on a 304', async () => {
    fetched.mockResolvedValueOnce(json({ n: 1 }, { headers: { ETag: '"7"' } }));
    const first = await call('/customers/1');
    fetched.mockResolvedValueOnce(new Response(null, { status: 304 }));
    const again = await call('/customers/1');
    expect(sent(1).headers['If-None-Match']).toBe('"7"');
    expect(again.data).toEqual(first.data);
    expect(again.etag).toBe('"7"');
  });

  it('writes a merge patch under If-Match', async () => {
    await patch('/customers/1', { name: 'Delmas' }, '"3"');
    expect(sent()).toMatchObject({ method: 'PATCH', body: '{"name":"Delmas"}' });
    expect(sent().headers).toMatchObject({
      'Content-Type': 'application/merge-patch+json',
      'If-Match': '"3"',
    });
  });

  it('gives each creation a key of its own', async () => {
    await post('/quotes', {});
    await post('/quotes', {});
    const [a, b] = [sent(0), sent(1)].map((o) => o.headers['Idempotency-Key']);
    expect(a).toMatch(/^[0-9a-f-]{36}$/);
    expect(b).not.toBe(a);
  });

  it('turns a problem into messages by field', async () => {
    fetched.mockResolvedValueOnce(
      refused(422, {
        type: 'https://cadran/problems/invalid',
        title: 'Invalid',
        status: 422,
        detail: 'Some fields are wrong.',
        errors: [{ pointer: '/lines/0/quantity', detail: 'Must be positive.', remedy: 'Write 1 or more.' }],
      }),
    );
    const error = await call('/quotes', { method: 'POST', body: {} }).catch((e) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error.fields).toEqual({ 'lines.0.quantity': 'Must be positive. Write 1 or more.' });
    expect(error.detail).toBe('Some fields are wrong.');
  });

  it('says how long to wait', async () => {
    fetched.mockResolvedValueOnce(refused(429, { title: 'Slow down' }, { 'Retry-After': '7' }));
    await expect(call('/customers')).rejects.toMatchObject({ status: 429, retryAfter: 7 });
  });

  it('tells no network from a refusal', async () => {
    fetched.mockRejectedValueOnce(new TypeError('failed'));
    await expect(call('/customers')).rejects.toBeInstanceOf(NetworkError);
  });

  it('says once the session is over, but not for the sign-in itself', async () => {
    const ended = vi.fn();
    onSignedOut(ended);
    fetched.mockImplementation(async () => refused(401, { title: 'Sign in' }));
    await call('/session').catch(() => {});
    expect(ended).not.toHaveBeenCalled();
    await call('/customers').catch(() => {});
    expect(ended).toHaveBeenCalledOnce();
  });

  it('takes the answer asked for before the script was loaded, once', async () => {
    window.__early = { '/session': Promise.resolve(json({ early: true })) };
    expect((await call('/session')).data).toEqual({ early: true });
    expect(fetched).not.toHaveBeenCalled();
    await call('/session');
    expect(fetched).toHaveBeenCalledOnce();
  });

  it('writes one address for one question', () => {
    expect(query({ team: ['b', 'a'], period: '2026-11', rep: null, count: true })).toBe(
      '?count=true&period=2026-11&team=b&team=a',
    );
    expect(query({})).toBe('');
  });

  it('reads pointers with or without the body before them', () => {
    expect(fieldOf('#/body/email')).toBe('email');
    expect(fieldOf('/a~1b')).toBe('a/b');
  });
});

describe('live events', () => {
  afterEach(() => vi.useRealTimers());
  it('are gathered and read again at most every two seconds', async () => {
    vi.useFakeTimers();
    prefetch('/kpi/dashboards/activity');
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toHaveBeenCalledTimes(1);
    note('{"resources": ["orders"]}');
    note('{"resources": ["invoices"]}');
    await vi.advanceTimersByTimeAsync(5000);
    // Nothing shows it: it is only known to be out of date, and read when it is shown.
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe('outbox', () => {
  const report = { path: '/visits/1/report', body: { summary: 'Vu' }, label: 'Delmas', key: 'k1' };
  beforeEach(() => openOutbox('camille'));

  it('sends at once when it can', async () => {
    fetched.mockResolvedValueOnce(json({ id: '1' }, { status: 201 }));
    expect(await send(report)).toEqual({ sent: true, data: { id: '1' } });
    expect(outbox.value).toEqual([]);
    expect(sent().headers['Idempotency-Key']).toBe('k1');
  });

  it('keeps what the network refused and sends it later, once, under the same key', async () => {
    fetched.mockRejectedValueOnce(new TypeError('failed'));
    expect(await send(report)).toEqual({ sent: false, data: null });
    expect(outbox.value).toHaveLength(1);
    openOutbox('camille');
    expect(outbox.value[0]).toMatchObject({ key: 'k1', body: { summary: 'Vu' } });
    const both = await Promise.all([flush(), flush()]);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(sent(1).headers['Idempotency-Key']).toBe('k1');
    expect(both[0].sent).toHaveLength(1);
    expect(outbox.value).toEqual([]);
    expect(localStorage.getItem('cadran.outbox')).toBe(null);
  });

  it('replaces what was written under the same key', async () => {
    fetched.mockRejectedValue(new TypeError('failed'));
    await send(report);
    await send({ ...report, body: { summary: 'Revu' } });
    expect(outbox.value).toHaveLength(1);
    expect(outbox.value[0].body.summary).toBe('Revu');
  });

  it('gives a refusal back to the form and keeps nothing', async () => {
    fetched.mockResolvedValueOnce(refused(422, { detail: 'No' }));
    await expect(send(report)).rejects.toMatchObject({ status: 422 });
    expect(outbox.value).toEqual([]);
  });

  it('keeps, with its reason, what is refused when it is sent later', async () => {
    fetched.mockRejectedValueOnce(new TypeError('failed'));
    await send(report);
    fetched.mockResolvedValueOnce(refused(422, { detail: 'Too late' }));
    expect((await flush()).refused).toHaveLength(1);
    expect(outbox.value[0].error?.detail).toBe('Too late');
    await flush();
    expect(fetched).toHaveBeenCalledTimes(2);
    discard('k1');
    expect(outbox.value).toEqual([]);
  });

  it('does not wait for what another state of the record refuses, nor hold up what follows', async () => {
    fetched.mockRejectedValue(new TypeError('failed'));
    await send(report);
    await send({ ...report, path: '/visits/2/report', key: 'k2' });
    fetched.mockReset();
    fetched
      .mockResolvedValueOnce(
        refused(409, { type: '/problems/conflict', detail: 'It has its report already' }),
      )
      .mockResolvedValueOnce(json({ id: '2' }, { status: 201 }));
    expect((await flush()).sent.map((item) => item.key)).toEqual(['k2']);
    expect(outbox.value.map((item) => [item.key, item.error?.status])).toEqual([['k1', 409]]);
  });

  it('waits for its own earlier try, still under way', async () => {
    fetched.mockResolvedValueOnce(refused(409, { type: '/problems/idempotency_in_progress' }));
    expect(await send(report)).toEqual({ sent: false, data: null });
    expect(outbox.value[0].error).toBe(null);
  });

  it('stops at the first that finds no network, and keeps the order', async () => {
    fetched.mockRejectedValue(new TypeError('failed'));
    await send(report);
    await send({ ...report, key: 'k2' });
    await flush();
    expect(fetched).toHaveBeenCalledTimes(3);
    expect(outbox.value.map((item) => item.key)).toEqual(['k1', 'k2']);
  });

  it('belongs to who wrote it', async () => {
    fetched.mockRejectedValueOnce(new TypeError('failed'));
    await send(report);
    openOutbox('paul');
    expect(outbox.value).toEqual([]);
    emptyOutbox();
    openOutbox('camille');
    expect(outbox.value).toHaveLength(1);
  });
});
