import { render, screen, waitFor, within } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { LocationProvider } from 'preact-iso';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetAnswers } from '../../api/client.js';
import { forget } from '../../api/query.js';
import { user as who } from '../../app/session.js';
import { setLanguage } from '../../i18n/index.js';
import Records from '../index.jsx';
import { RecordForm } from './RecordForm.jsx';

const user = userEvent.setup();
const ID = '0191aae5-5887-73de-960f-5f680588f7e1';
/** @type {Record<string, (options: any, url: string) => Response>} answers by method and path */
let api;
/** @type {{method: string, url: string, body: any, headers: any}[]} */
let sent;
const json = (/** @type {any} */ body, status = 200, etag = '"1"') =>
  new Response(body === null ? null : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ETag: etag },
  });
const contact = (/** @type {any} */ more = {}) => ({
  id: ID,
  external_id: null,
  customer_id: null,
  first_name: 'Anne',
  last_name: 'Roux',
  job_title: null,
  department: null,
  email: null,
  phone: '+33 1',
  mobile: null,
  language: null,
  is_decision_maker: false,
  created_on: null,
  verified_on: null,
  merged_into_id: null,
  labels: {},
  version: 1,
  created_at: '2026-11-23T09:00:00Z',
  updated_at: '2026-11-23T09:00:00Z',
  ...more,
});

beforeEach(async () => {
  localStorage.clear();
  forget();
  forgetAnswers();
  await setLanguage('fr');
  who.value = { id: 'u1', name: 'Hélène Vasseur', email: 'h@example.org', role: 'director' };
  api = {};
  sent = [];
  vi.stubGlobal(
    'fetch',
    vi.fn(async (/** @type {string} */ url, /** @type {any} */ options = {}) => {
      const method = options.method ?? 'GET';
      sent.push({ method, url, body: options.body && JSON.parse(options.body), headers: options.headers });
      const answer = api[`${method} ${url.split('?')[0]}`];
      return answer ? answer(options, url) : json({ items: [], next_cursor: null, count: 0 });
    }),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  who.value = undefined;
});

/** @param {string} path under the app's base */
function open(path) {
  history.replaceState(null, '', `/${path}`);
  return render(
    <LocationProvider>
      <main>
        <Records />
      </main>
    </LocationProvider>,
  );
}
const form = (/** @type {any} */ props) =>
  render(
    <LocationProvider>
      <RecordForm {...props} />
    </LocationProvider>,
  );
const writes = () => sent.filter((one) => one.method !== 'GET');

describe('a list', () => {
  beforeEach(() => {
    api['GET /contacts'] = () =>
      json({
        items: [contact(), contact({ id: 'b', first_name: 'Jean', last_name: 'Bon' })],
        next_cursor: 'n',
        count: 1284,
      });
  });

  it('asks what its address says, counts, and exports the very same', async () => {
    open('records/contacts?is_decision_maker=true&q=roux&sort=-created_on');
    expect(await screen.findByRole('link', { name: 'Anne Roux' })).toBeTruthy();
    const asked = new URL(sent[0].url, 'http://x');
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      is_decision_maker: 'true',
      q: 'roux',
      sort: '-created_on',
      limit: '50',
      count: 'true',
      count_most: '10000',
    });
    expect(screen.getByText(/1.284 fiches/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Exporter' }));
    const file = new URL(
      String(screen.getByRole('menuitem', { name: 'Toute la liste, Excel' }).getAttribute('href')),
      'http://x',
    );
    expect(file.pathname).toBe('/contacts');
    expect(Object.fromEntries(file.searchParams)).toEqual({
      is_decision_maker: 'true',
      q: 'roux',
      sort: '-created_on',
      format: 'xlsx',
    });
  });

  it('says of a long list that it holds more than was counted, and no sum of it', async () => {
    api['GET /contacts'] = () =>
      json({ items: [contact()], next_cursor: 'n', count: 10_000, count_more: true, sums: null });
    open('records/contacts');
    expect(await screen.findByText(/plus de 10.000 fiches/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Afficher la suite' })).toBeTruthy();
  });

  it('takes a filter away by its chip, and follows the next page', async () => {
    open('records/contacts?is_decision_maker=true');
    await screen.findByRole('link', { name: 'Jean Bon' });
    api['GET /contacts'] = (_, url) =>
      url.includes('cursor=n')
        ? json({ items: [contact({ id: 'c', first_name: 'Zoé' })], next_cursor: null, count: null })
        : json({ items: [contact()], next_cursor: 'n', count: 2 });
    await user.click(screen.getByRole('button', { name: /Retirer Décideur : Oui/ }));
    await waitFor(() => expect(location.search).toBe(''));
    await user.click(await screen.findByRole('button', { name: /Afficher la suivante/ }));
    expect(await screen.findByRole('link', { name: 'Zoé Roux' })).toBeTruthy();
  });

  it('moves by j and k, selects by x, and exports the selection', async () => {
    open('records/contacts');
    const first = await screen.findByRole('link', { name: 'Anne Roux' });
    await user.keyboard('j');
    expect(document.activeElement).toBe(first);
    await user.keyboard('jx');
    expect(screen.getByText('1 sélectionnée')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Exporter' }));
    const file = screen.getByRole('menuitem', { name: 'La sélection, CSV' }).getAttribute('href');
    expect(new URL(String(file), 'http://x').searchParams.getAll('id')).toEqual(['b']);
  });

  it('has no violation that axe finds', async () => {
    const { container } = open('records/contacts?is_decision_maker=true');
    await screen.findByRole('link', { name: 'Anne Roux' });
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(violations.map((one) => one.id)).toEqual([]);
  });

  it('is not there for a role that may not read it, and has no New for one that may not create', async () => {
    who.value = { id: 'u2', name: 'B', email: 'b@example.org', role: 'marketing' };
    const { unmount } = open('records/quotes');
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Cette liste n’existe pas');
    unmount();
    open('records/products');
    await screen.findByText('Rien ici pour l’instant');
    expect(screen.queryByRole('link', { name: 'Nouveau produit' })).toBeNull();
  });
});

describe('a form', () => {
  it('creates once however often one presses, with one key', async () => {
    const saved = vi.fn();
    api['POST /contacts'] = () => json(contact(), 201);
    form({ resource: 'contacts', onSaved: saved });
    await user.type(screen.getByLabelText('Nom'), 'Roux');
    await user.dblClick(screen.getByRole('button', { name: 'Enregistrer' }));
    await waitFor(() => expect(saved).toHaveBeenCalledOnce());
    expect(writes().map((one) => one.body)).toEqual([{ last_name: 'Roux', is_decision_maker: false }]);
    expect(writes()[0].headers['Idempotency-Key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends the same key again when the answer was lost', async () => {
    const saved = vi.fn();
    let lost = true;
    api['POST /contacts'] = () => {
      if (!lost) return json(contact(), 201);
      lost = false;
      throw new TypeError('network');
    };
    form({ resource: 'contacts', onSaved: saved });
    await user.type(screen.getByLabelText('Nom'), 'Roux');
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    await screen.findByText(/Le serveur ne répond pas/);
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    await waitFor(() => expect(saved).toHaveBeenCalledOnce());
    const keys = writes().map((one) => one.headers['Idempotency-Key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it('puts a refusal on its field, in a line too', async () => {
    api['POST /quotes'] = () =>
      json(
        {
          status: 422,
          detail: 'x',
          errors: [
            { pointer: '/lines/0/unit_price', detail: 'The line has no price.', remedy: 'Give unit_price.' },
          ],
        },
        422,
      );
    form({ resource: 'quotes', prefill: { customer_id: 'c1' }, onSaved: vi.fn() });
    await user.click(screen.getByRole('button', { name: 'Ajouter une ligne' }));
    await user.type(screen.getByLabelText(/Quantité/), '2');
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    const price = await screen.findByLabelText(/Prix unitaire/);
    await waitFor(() => expect(price.getAttribute('aria-invalid')).toBe('true'));
    const said = document.getElementById(String(price.getAttribute('aria-describedby')));
    expect(said?.textContent).toBe('Donnez un prix, ou choisissez un produit qui en a un.');
    expect(writes()[0].body).toEqual({ customer_id: 'c1', lines: [{ quantity: '2', discount_rate: '0' }] });
  });

  it('asks for what is required before it sends anything', async () => {
    form({ resource: 'customers', onSaved: vi.fn() });
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    expect((await screen.findByLabelText(/^Nom/)).getAttribute('aria-invalid')).toBe('true');
    expect(writes()).toEqual([]);
  });

  it('keeps what one typed when somebody else saved first', async () => {
    const saved = vi.fn();
    let version = 1;
    api[`GET /contacts/${ID}`] = () =>
      json(contact(version === 1 ? {} : { phone: '+33 2' }), 200, `"${version}"`);
    api[`PATCH /contacts/${ID}`] = (options) =>
      options.headers['If-Match'] === `"${version}"` ? json(contact()) : json({ status: 412 }, 412);
    form({ resource: 'contacts', record: contact(), onSaved: saved });
    await user.type(await screen.findByLabelText('Fonction'), 'Acheteuse');
    version = 2;
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    await user.click(await screen.findByRole('button', { name: 'Relire la fiche' }));
    expect(await screen.findByText(/Modifié entre-temps : Téléphone\./)).toBeTruthy();
    expect(/** @type {HTMLInputElement} */ (screen.getByLabelText('Fonction')).value).toBe('Acheteuse');
    expect(/** @type {HTMLInputElement} */ (screen.getByLabelText('Téléphone')).value).toBe('+33 2');
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }));
    await waitFor(() => expect(saved).toHaveBeenCalledOnce());
    expect(writes().at(-1)?.body).toEqual({ job_title: 'Acheteuse' });
  });

  it('asks before a link takes one away from unsaved work', async () => {
    api['POST /contacts'] = () => json(contact(), 201);
    open('records/contacts/new');
    await user.type(await screen.findByLabelText('Nom'), 'Roux');
    await user.click(screen.getAllByRole('link', { name: 'Contacts' })[0]);
    const question = await screen.findByRole('dialog');
    expect(location.pathname).toBe('/records/contacts/new');
    await user.click(within(question).getByRole('button', { name: 'Continuer la saisie', hidden: true }));
    expect(/** @type {HTMLInputElement} */ (screen.getByLabelText('Nom')).value).toBe('Roux');
    await user.click(screen.getAllByRole('link', { name: 'Contacts' })[0]);
    await user.click(
      within(await screen.findByRole('dialog')).getByRole('button', { name: 'Quitter', hidden: true }),
    );
    await waitFor(() => expect(location.pathname).toBe('/records/contacts'));
  });
});

describe('a record', () => {
  it('says what is deleted, and why it cannot be', async () => {
    api[`GET /contacts/${ID}`] = () => json(contact());
    api[`DELETE /contacts/${ID}`] = () =>
      json(
        {
          status: 409,
          type: '/problems/in_use',
          detail: 'Service requests still refer to it: delete or move them first.',
        },
        409,
      );
    open(`records/contacts/${ID}`);
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Anne Roux');
    await user.click(screen.getByRole('button', { name: 'Autres actions pour Anne Roux' }));
    await user.click(screen.getByRole('menuitem', { name: 'Supprimer' }));
    const question = await screen.findByRole('dialog');
    expect(within(question).getByText('Supprimer « Anne Roux » ?')).toBeTruthy();
    await user.click(within(question).getByRole('button', { name: 'Supprimer', hidden: true }));
    expect(await within(question).findByText(/s’y rapportent encore \(demandes\)/)).toBeTruthy();
    expect(writes()[0].headers['If-Match']).toBe('"1"');
  });

  it('leads to the order that accepting a quote makes', async () => {
    const quote = {
      id: ID,
      number: 'D-1',
      status: 'sent',
      customer_id: 'c1',
      opportunity_id: null,
      currency: 'EUR',
      lines: [],
      version: 1,
      net_amount: '10.00',
      base_amount: '10.00',
      exchange_rate: '1',
      labels: { customer_id: 'Laiterie Dumas' },
      created_at: '2026-11-23T09:00:00Z',
      updated_at: '2026-11-23T09:00:00Z',
    };
    api[`GET /quotes/${ID}`] = () => json(quote);
    api[`POST /quotes/${ID}/accept`] = () => json({ id: 'o1', number: 'C-1' }, 201);
    open(`records/quotes/${ID}`);
    await user.click(await screen.findByRole('button', { name: 'Transformer en commande' }));
    const asked = await screen.findByRole('dialog');
    await user.click(within(asked).getByRole('button', { name: 'Transformer en commande', hidden: true }));
    await waitFor(() => expect(location.pathname).toBe('/records/orders/o1'));
  });

  it('offers nothing to write to whoever may not', async () => {
    who.value = { id: 'u3', name: 'C', email: 'c@example.org', role: 'rep' };
    api[`GET /products/${ID}`] = () =>
      json({
        id: ID,
        name: 'Butée',
        labels: {},
        version: 1,
        created_at: '2026-11-23T09:00:00Z',
        updated_at: '2026-11-23T09:00:00Z',
        is_active: true,
      });
    open(`records/products/${ID}`);
    await screen.findByRole('heading', { level: 1, name: 'Butée' });
    expect(screen.queryByRole('link', { name: 'Modifier' })).toBeNull();
    expect(screen.queryByRole('button', { name: /Autres actions/ })).toBeNull();
  });
});
