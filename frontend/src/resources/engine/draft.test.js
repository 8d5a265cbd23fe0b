import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../../i18n/index.js';
import { movePoint, NotANumber, readDecimal, showDecimal, writeDecimal } from './decimals.js';
import { bodyOf, changedIn, draftOf, draftRow, isBlank } from './draft.js';
import { factFields, formFields } from './fields.js';
import { fieldOf, schemaOf } from './schema.js';
import { quantitiesOf } from './VerbDialog.jsx';

beforeEach(() => setLanguage('fr'));

describe('numbers as they are typed', () => {
  it.each([
    ['1 284,50', '1284.50'],
    ['1\u202f284,5 €', '1284.5'],
    ['−3,1', '-3.1'],
    ['12345678901234567,89', '12345678901234567.89'],
    ['7.5', '7.5'],
    ['', null],
  ])('%s is %s in French', (typed, sent) => expect(readDecimal(typed)).toBe(sent));

  it('follow the language', async () => {
    await setLanguage('en');
    expect(readDecimal('1,284.50')).toBe('1284.50');
    expect(writeDecimal('1284.50')).toBe('1284.50');
    expect(showDecimal('12345.5')).toBe('12,345.5');
  });

  it('are refused when they are none', () => {
    for (const text of ['douze', '1,2,3', '--1', '1-2']) expect(() => readDecimal(text)).toThrow(NotANumber);
  });

  it('move their point without losing a digit', () => {
    expect(readDecimal('7,5', 2)).toBe('0.075');
    expect(writeDecimal('0.123456', 2)).toBe('12,3456');
    for (const value of ['0', '1', '0.2', '0.055', '12.345678', '-0.5'])
      expect(Number(movePoint(movePoint(value, 2), -2))).toBe(Number(value));
  });
});

const QUOTE = {
  id: 'q1',
  customer_id: 'c1',
  owner_id: null,
  currency: 'EUR',
  exchange_rate: '1',
  notes: null,
  expires_on: '2026-12-01',
  labels: { customer_id: 'Laiterie Dumas' },
  lines: [
    {
      id: 'l1',
      product_id: 'p1',
      description: 'Butée',
      quantity: '2',
      unit_price: '10.50',
      discount_rate: '0.1',
      net_amount: '18.90',
      vat_rate: '0.2',
      list_price: '10.50',
      unit_cost: '4',
    },
  ],
};
const { main, more, rows } = formFields('quotes', true, 'director');
const FIELDS = [...main, ...more, ...rows];
const lines = /** @type {import('./schema.js').SchemaField} */ (fieldOf('quotes', 'lines'));

describe('a form', () => {
  it('sends nothing of a record left as it was, and only what changed', () => {
    const base = draftOf(FIELDS, QUOTE);
    expect(bodyOf(FIELDS, draftOf(FIELDS, QUOTE), base)).toEqual({ body: {}, errors: {} });
    expect(changedIn(FIELDS, draftOf(FIELDS, QUOTE), base)).toEqual([]);
    const draft = {
      ...base,
      notes: ' Rappeler ',
      expires_on: '',
      customer_id: { value: 'c2', label: 'Autre' },
    };
    expect(bodyOf(FIELDS, draft, base).body).toEqual({
      customer_id: 'c2',
      notes: ' Rappeler ',
      expires_on: null,
    });
    expect(changedIn(FIELDS, draft, base).sort()).toEqual(['customer_id', 'expires_on', 'notes']);
  });

  it('sends a changed line with its id and what it had, without what the server computes', () => {
    const base = draftOf(FIELDS, QUOTE);
    const [row] = base.lines;
    const draft = { ...base, lines: [{ ...row, values: { ...row.values, discount_rate: '12,5' } }] };
    expect(bodyOf(FIELDS, draft, base).body).toEqual({
      lines: [
        {
          id: 'l1',
          product_id: 'p1',
          description: 'Butée',
          quantity: '2',
          unit_price: '10.50',
          discount_rate: '0.125',
          vat_rate: '0.2',
        },
      ],
    });
  });

  it('names what is missing and what is no number, lines too', () => {
    const create = formFields('quotes', false, 'director');
    const all = [...create.main, ...create.more, ...create.rows];
    const draft = draftOf(all, null);
    const row = draftRow(lines);
    row.values = { ...row.values, quantity: '', unit_price: 'cher' };
    expect(bodyOf(all, { ...draft, lines: [row] }, null).errors).toEqual({
      customer_id: 'required',
      'lines.0.quantity': 'required',
      'lines.0.unit_price': 'number',
    });
  });

  it('keeps what an address fills, and forgets a line nobody wrote on', () => {
    const create = formFields('contacts', false, 'rep').main;
    const draft = draftOf(create, null, { customer_id: 'c1', is_decision_maker: 'true' });
    expect(bodyOf(create, draft, null).body).toEqual({ customer_id: 'c1', is_decision_maker: true });
    const row = draftRow(lines);
    expect(isBlank(lines, row)).toBe(true);
    expect(isBlank(lines, { ...row, values: { ...row.values, quantity: '1' } })).toBe(false);
    expect(isBlank(lines, draftRow(lines, QUOTE.lines[0]))).toBe(false);
  });

  it('shows to each role what it may write', () => {
    const names = (/** @type {any} */ role) =>
      formFields('customers', true, role).main.map((field) => field.name);
    expect(names('manager')).toContain('owner_id');
    expect(names('rep')).not.toContain('owner_id');
    const amounts = formFields('customers', true, 'marketing').more.map((field) => field.name);
    expect(amounts).not.toContain('credit_limit');
    expect(formFields('users', true, 'admin').main.map((field) => field.name)).not.toContain('password');
    expect(formFields('users', false, 'admin').main.map((field) => field.name)).toContain('password');
  });

  it('can write every field that the API requires, of every resource it creates', () => {
    for (const resource of [
      'customers',
      'quotes',
      'orders',
      'invoices',
      'payments',
      'visits',
      'tasks',
      'users',
      'stages',
    ]) {
      const form = formFields(resource, false, 'admin');
      const offered = [...form.main, ...form.more, ...form.rows].map((field) => field.name);
      const required = (schemaOf(resource)?.fields ?? []).filter(
        (field) => field.required && !field.readonly,
      );
      expect(offered, resource).toEqual(expect.arrayContaining(required.map((field) => field.name)));
    }
  });
});

describe('facts', () => {
  it('leave out what says nothing', () => {
    const names = factFields(
      'quotes',
      { ...QUOTE, number: 'D-1', revision: 1, net_amount: '18.90', base_amount: '18.90' },
      'rep',
    ).map((field) => field.name);
    expect(names).toContain('customer_id');
    expect(names).toContain('expires_on');
    for (const name of ['number', 'revision', 'currency', 'exchange_rate', 'base_amount', 'notes', 'lines'])
      expect(names).not.toContain(name);
  });
});

describe('quantities of an action', () => {
  it('are those typed, zero and nothing apart', () =>
    expect(quantitiesOf({ a: '2,5', b: '', c: '0', d: '-1' })).toEqual({
      rows: [
        { line_id: 'a', quantity: '2.5' },
        { line_id: 'd', quantity: '-1' },
      ],
      wrong: [],
    }));
  it('say which line is no number', () => expect(quantitiesOf({ a: 'x' }).wrong).toEqual(['a']));
});
