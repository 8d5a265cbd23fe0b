import { act, render, screen } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetAnswers } from './client.js';
import { note } from './live.js';
import { forget, refresh, STALE, touched, useQuery } from './query.js';

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
