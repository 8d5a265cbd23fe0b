import { beforeEach, describe, expect, it } from 'vitest';
import { dropDraft, isEmpty, keepDraft, openDraft, requestOf, waiting } from './draft.js';

const target = { visit: 'v1', customer: 'c1', name: 'Delmas', planned_on: '2020-01-02' };

describe('the draft of a report', () => {
  beforeEach(() => localStorage.clear());

  it('is held on the day planned, or today when that is still to come', () => {
    expect(openDraft(target).fields.held_on).toBe('2020-01-02');
    const ahead = openDraft({ ...target, planned_on: '2999-01-01' }).fields.held_on;
    expect(ahead < '2999-01-01').toBe(true);
  });

  it('is found again as it was left, under the same key', () => {
    const { fields, key } = openDraft(target);
    expect(isEmpty(fields)).toBe(true);
    keepDraft(target, { ...fields, summary: 'Vu' }, key);
    expect(openDraft(target)).toEqual({ fields: { ...fields, summary: 'Vu' }, key });
    expect(openDraft({ customer: 'c1', name: 'Delmas' }).fields.summary).toBe('');
    dropDraft(target);
    expect(openDraft(target).fields.summary).toBe('');
  });

  it('sends what was written, to the visit or to the customer', () => {
    const fields = { ...openDraft(target).fields, summary: ' Vu ', outcome: '' };
    expect(requestOf(target, fields)).toEqual({
      path: '/visits/v1/report',
      body: { summary: 'Vu', held_on: '2020-01-02' },
    });
    expect(requestOf({ customer: 'c1', name: '' }, fields).path).toBe('/customers/c1/visit-report');
  });

  it('is taken up again while it waits, and nothing else is', () => {
    const fields = { ...openDraft(target).fields, summary: 'Vu', next_step: 'Devis' };
    const item = { key: 'k', user: 'u', method: 'POST', label: 'Delmas', at: '', touches: [], error: null };
    const again = waiting(/** @type {any} */ ({ ...item, ...requestOf(target, fields) }));
    expect(again).toEqual({ target: { visit: 'v1', customer: '', name: 'Delmas' }, fields, key: 'k' });
    expect(waiting(/** @type {any} */ ({ ...item, path: '/tasks', body: {} }))).toBeNull();
  });
});
