import { cleanup, render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { LocationProvider } from 'preact-iso';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { send } from '../api/outbox.js';
import { setLanguage } from '../i18n/index.js';
import { App } from './App.jsx';
import { useOwners } from './choices.js';
import { ScopeBar } from './ScopeBar.jsx';
import { useScope } from './scope.js';
import { openSession, user as who } from './session.js';

const user = userEvent.setup();
const HELENE = { id: 'u1', name: 'Hélène Vasseur', email: 'h@example.org', role: 'director', language: 'fr' };

/** @type {Record<string, () => Response>} answers by method and path */
let api;
/** @type {ReturnType<typeof vi.fn>} */
let fetched;
const json = (/** @type {any} */ body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

beforeEach(() => {
  localStorage.clear();
  who.value = undefined;
  api = {};
  fetched = vi.fn(async (/** @type {string} */ url, /** @type {any} */ options) => {
    const answer = api[`${options?.method ?? 'GET'} ${url.split('?')[0]}`];
    if (!answer) throw new TypeError('no network');
    return answer();
  });
  vi.stubGlobal('fetch', fetched);
  history.replaceState(null, '', '/');
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await setLanguage('fr');
});

describe('the door', () => {
  it('lets in, and says why it does not', async () => {
    api['GET /session'] = () => json({ title: 'Sign in' }, 401);
    api['POST /session'] = () => json({ title: 'Refused' }, 401);
    const { container } = render(<App />);
    await openSession();
    await user.type(await screen.findByLabelText(/Adresse e-mail/), 'h@example.org');
    await user.type(screen.getByLabelText(/^Mot de passe/), 'wrong');
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(violations.map((v) => v.id)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Se connecter' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Adresse ou mot de passe inconnu.');
    api['POST /session'] = () => json({ user: HELENE });
    await user.click(screen.getByRole('button', { name: 'Se connecter' }));
    expect(await screen.findByRole('button', { name: 'Menu de Hélène Vasseur' })).toBeTruthy();
  });

  it('speaks the language one chooses before signing in', async () => {
    api['GET /session'] = () => json({}, 401);
    render(<App />);
    await openSession();
    await user.click(await screen.findByRole('button', { name: 'English' }));
    expect(await screen.findByRole('button', { name: 'Sign in' })).toBeTruthy();
  });
});

describe('the session', () => {
  it('opens on the last user when there is no network', async () => {
    api['GET /session'] = () => json({ user: HELENE });
    await openSession();
    who.value = undefined;
    api = {};
    await openSession();
    expect(who.value).toMatchObject({ id: 'u1' });
  });

  it('ends on the screen when the API says so', async () => {
    api['GET /session'] = () => json(HELENE);
    api['GET /customers'] = () => json({}, 401);
    render(<App />);
    await openSession();
    const { get } = await import('../api/client.js');
    await get('/customers').catch(() => {});
    expect((await screen.findByText(/Votre session a pris fin/)).textContent).toBeTruthy();
    expect(localStorage.getItem('cadran.session')).toBe(null);
  });

  it('asks before losing what is not sent, and leaves nothing behind', async () => {
    api['GET /session'] = () => json(HELENE);
    api['DELETE /session'] = () => new Response(null, { status: 204 });
    render(<App />);
    await openSession();
    await send({ path: '/visits/1/report', body: {}, label: 'Delmas' });
    expect(localStorage.getItem('cadran.outbox')).toContain('Delmas');
    const ask = vi.fn(() => false);
    vi.stubGlobal('confirm', ask);
    await user.click(await screen.findByRole('button', { name: 'Menu de Hélène Vasseur' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Se déconnecter' }));
    expect(ask).toHaveBeenCalledOnce();
    expect(who.value).toBeTruthy();
    ask.mockReturnValue(true);
    await user.click(screen.getByRole('button', { name: 'Menu de Hélène Vasseur' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Se déconnecter' }));
    await screen.findByRole('button', { name: 'Se connecter' });
    expect(Object.keys(localStorage).filter((name) => /session|outbox|answer|signed/.test(name))).toEqual([]);
  });
});

describe('the owners that a scope means', () => {
  const Owners = () => <p data-testid="owners">{JSON.stringify(useOwners(useScope()) ?? 'all')}</p>;
  const owners = (/** @type {string} */ search, role = 'director') => {
    who.value = /** @type {any} */ ({ ...HELENE, role });
    history.replaceState(null, '', `/app/day${search}`);
    const page = render(
      <LocationProvider>
        <Owners />
      </LocationProvider>,
    );
    return page.getByTestId('owners');
  };

  it('are those of its teams', async () => {
    const rep = (/** @type {string} */ id, /** @type {string | null} */ team_id) => ({
      id,
      name: id,
      team_id,
    });
    api['GET /business-units'] = () => json({ items: [{ id: 'bu1', name: 'Industrie' }] });
    api['GET /teams'] = () =>
      json({
        items: [
          { id: 't1', business_unit_id: 'bu1' },
          { id: 't2', business_unit_id: 'bu2' },
        ],
      });
    api['GET /users'] = () => json({ items: [rep('r1', 't1'), rep('r2', 't2'), rep('r3', null)] });
    expect(owners('').textContent).toBe('"all"');
    cleanup();
    expect(owners('?rep=r2&team=t2').textContent).toBe('["r2"]');
    cleanup();
    expect(owners('', 'rep').textContent).toBe('["u1"]');
    cleanup();
    const ofTeam = owners('?team=t2');
    await waitFor(() => expect(ofTeam.textContent).toBe('["r2"]'));
    cleanup();
    expect(owners('?business_unit=bu1').textContent).toMatch(/all|r1/);
    await waitFor(() => expect(screen.getByTestId('owners').textContent).toBe('["r1"]'));
  });
});

describe('the scope bar', () => {
  const choices = {
    business_unit: [
      { id: 'bu1', name: 'Industrie' },
      { id: 'bu2', name: 'Services' },
    ],
    team: [
      { id: 't1', name: 'Ouest', business_unit_id: 'bu1' },
      { id: 't2', name: 'Est', business_unit_id: 'bu2' },
    ],
    rep: [{ id: 'r1', name: 'Camille Morel', team_id: 't1' }],
  };
  const bar = (
    <LocationProvider>
      <ScopeBar choices={choices} />
    </LocationProvider>
  );
  const start = (/** @type {string} */ search, role = 'director') => {
    who.value = /** @type {any} */ ({ ...HELENE, role });
    history.replaceState(null, '', `/app/activity${search}`);
    return render(bar);
  };

  it('moves the period in the address and keeps the rest', async () => {
    start('?period=2026-11&team=t1');
    await user.click(screen.getByRole('button', { name: 'Période suivante' }));
    expect(Object.fromEntries(new URLSearchParams(location.search))).toEqual({
      period: '2026-12',
      team: 't1',
    });
    await user.click(screen.getByRole('button', { name: 'Trimestre' }));
    expect(new URLSearchParams(location.search).get('period')).toBe('2026-Q4');
  });

  it('drops the team and rep that another unit makes meaningless', async () => {
    start('?business_unit=bu1&team=t1&rep=r1');
    expect(screen.getByRole('button', { name: /Équipe/ }).textContent).toContain('Ouest');
    await user.click(screen.getByRole('button', { name: /^BU/ }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'Services' }));
    expect(location.search).toBe('?business_unit=bu2');
    await user.click(screen.getByRole('button', { name: /Équipe/ }));
    expect(screen.getAllByRole('menuitemradio').map((item) => item.textContent)).toEqual(['Toutes', 'Est']);
  });

  it('offers a rep nobody else, and says when the past is shown', async () => {
    start('?as_of=2026-05-31', 'rep');
    expect(screen.queryByRole('button', { name: /Équipe/ })).toBe(null);
    expect(screen.getByRole('status').textContent).toContain('31');
    await user.click(screen.getByRole('button', { name: 'Revenir à aujourd’hui' }));
    expect(location.search).toBe('');
  });
});
