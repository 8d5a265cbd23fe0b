import { act, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetAnswers } from './client.js';
import { note, startLive, stopLive } from './live.js';
import { forget, liveState, refresh, STALE, touched, useQuery } from './query.js';

/** @type {ReturnType<typeof vi.fn>} */
let fetched;
const json = (/** @type {any} */ body) =>
  new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 5)));

beforeEach(() => {
  fetched = vi.fn(async () => json({ value: '412' }));
  vi.stubGlobal('fetch', fetched);
  localStorage.clear();
  forget();
  forgetAnswers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** @param {{path?: string, keep?: boolean}} props */
function Probe({ path = '/kpi/dashboards/activity', keep }) {
  const q = useQuery(path, { keep });
  return (
    <p>
      {q.data?.value ?? 'nothing'} {q.error ? 'failed' : 'fine'} {q.stale ? 'stale' : 'new'}{' '}
      {q.loading ? 'loading' : 'idle'}
    </p>
  );
}
const said = () => screen.getAllByText(/nothing|\d/).map((p) => p.textContent);

describe('useQuery', () => {
  it('asks once for two who show the same', async () => {
    render(
      <>
        <Probe />
        <Probe />
      </>,
    );
    expect(said()[0]).toContain('loading');
    await settle();
    expect(fetched).toHaveBeenCalledOnce();
    expect(said()).toEqual(['412 fine new idle', '412 fine new idle']);
  });

  it('keeps the last value when a refresh fails', async () => {
    render(<Probe />);
    await settle();
    fetched.mockRejectedValueOnce(new TypeError('failed'));
    refresh();
    await settle();
    expect(said()).toEqual(['412 failed new idle']);
  });

  it('drops what one may no longer see', async () => {
    render(<Probe />);
    await settle();
    fetched.mockResolvedValueOnce(
      new Response('{}', { status: 404, headers: { 'Content-Type': 'application/problem+json' } }),
    );
    refresh();
    await settle();
    expect(said()).toEqual(['nothing failed new idle']);
  });

  it('shows offline what was kept, with its age', async () => {
    const { unmount } = render(<Probe keep />);
    await settle();
    unmount();
    const kept = /** @type {string} */ (localStorage.getItem('cadran.answer./kpi/dashboards/activity'));
    forget();
    localStorage.setItem(
      'cadran.answer./kpi/dashboards/activity',
      JSON.stringify({ ...JSON.parse(kept), at: new Date(Date.now() - STALE - 1000) }),
    );
    fetched.mockRejectedValue(new TypeError('failed'));
    render(<Probe keep />);
    await settle();
    expect(said()).toEqual(['412 failed stale idle']);
  });

  it('leaves nothing on the device at sign-out', async () => {
    render(<Probe keep />);
    await settle();
    expect(Object.keys(localStorage).some((name) => name.includes('answer'))).toBe(true);
    forget();
    expect(Object.keys(localStorage).some((name) => name.includes('answer'))).toBe(false);
  });

  it('reads again after a write only what the write touches', async () => {
    render(
      <>
        <Probe />
        <Probe path="/quotes?limit=5" />
        <Probe path="/customers?limit=5" />
      </>,
    );
    await settle();
    fetched.mockClear();
    touched('quotes');
    await settle();
    expect(fetched.mock.calls.map((c) => c[0]).sort()).toEqual([
      '/kpi/dashboards/activity',
      '/quotes?limit=5',
    ]);
  });

  it('reads once more what was written while it was being read', async () => {
    render(<Probe />);
    await settle();
    fetched.mockImplementationOnce(
      () => new Promise((resolve) => setTimeout(() => resolve(json({ value: '500' })), 20)),
    );
    fetched.mockImplementation(async () => json({ value: '600' }));
    touched('quotes');
    touched('quotes');
    touched('quotes');
    await act(() => new Promise((resolve) => setTimeout(resolve, 60)));
    expect(said()).toEqual(['600 fine new idle']);
    expect(fetched).toHaveBeenCalledTimes(3);
  });
});

describe('a live event', () => {
  it('refreshes what is shown, once for many', async () => {
    render(<Probe />);
    await settle();
    vi.useFakeTimers();
    for (let i = 0; i < 20; i++) note('{"resources": ["orders"]}');
    await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
    expect(fetched).toHaveBeenCalledTimes(2);
    note('{"resources": ["orders"]}');
    await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  it('waits while a field has focus', async () => {
    render(
      <>
        <Probe />
        <input aria-label="filter" />
      </>,
    );
    await settle();
    vi.useFakeTimers();
    screen.getByLabelText('filter').focus();
    note('{"resources": ["orders"]}');
    await act(async () => void (await vi.advanceTimersByTimeAsync(6000)));
    expect(fetched).toHaveBeenCalledOnce();
    screen.getByLabelText('filter').blur();
    await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});

/** A stream that the test speaks through. */
class Source extends EventTarget {
  static CLOSED = 2;
  /** @type {Source[]} */
  static opened = [];
  readyState = 1;
  onerror = () => {};

  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
    Source.opened.push(this);
  }

  /** @param {string} name @param {any} data @param {string} [lastEventId] */
  say(name, data, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }));
  }

  /** @param {number} readyState */
  fail(readyState) {
    this.readyState = readyState;
    this.onerror();
  }

  close() {
    this.readyState = 2;
  }
}

describe('the live stream', () => {
  beforeEach(() => {
    stopLive();
    Source.opened = [];
    vi.stubGlobal('EventSource', Source);
  });
  afterEach(stopLive);

  it('reads again what an event names, and nothing else', async () => {
    render(
      <>
        <Probe />
        <Probe path="/kpi/won_rate" />
        <Probe path="/kpi/order_intake" />
        <Probe path="/tasks?limit=5" />
      </>,
    );
    await settle();
    fetched.mockClear();
    vi.useFakeTimers();
    startLive();
    Source.opened[0].say('ready', {}, 'c1');
    expect(liveState.value).toBe('live');
    Source.opened[0].say('change', { resources: ['orders'], kpis: ['order_intake'] }, 'c2');
    await act(async () => void (await vi.advanceTimersByTimeAsync(2100)));
    expect(fetched.mock.calls.map((c) => c[0]).sort()).toEqual([
      '/kpi/dashboards/activity',
      '/kpi/order_intake',
    ]);
  });

  it('says that it is not live while the connection is away', () => {
    startLive();
    Source.opened[0].say('ready', {}, 'c1');
    Source.opened[0].fail(0);
    expect(liveState.value).toBe('polling');
    Source.opened[0].say('ready', {}, 'c1');
    expect(liveState.value).toBe('live');
    expect(Source.opened).toHaveLength(1);
  });

  it('polls where it is refused, and begins again where it was', async () => {
    render(<Probe />);
    await settle();
    vi.useFakeTimers();
    startLive();
    Source.opened[0].say('change', { resources: ['orders'], kpis: [] }, 'c7');
    Source.opened[0].fail(2);
    await act(async () => void (await vi.advanceTimersByTimeAsync(3000)));
    fetched.mockClear();
    await act(async () => void (await vi.advanceTimersByTimeAsync(60_000)));
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(Source.opened.map((each) => each.url)).toEqual(['/events', '/events?after=c7']);
    Source.opened[1].say('ready', {}, 'c7');
    await act(async () => void (await vi.advanceTimersByTimeAsync(180_000)));
    expect(fetched).toHaveBeenCalledTimes(1);
    stopLive();
    expect(Source.opened[1].readyState).toBe(2);
  });
});
