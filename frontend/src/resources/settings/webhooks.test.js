import { describe, expect, it } from 'vitest';
import { patternsOf, readPatterns, readType, refusedAddress, stateOf } from './webhooks.js';

const ALL = ['orders', 'invoices', 'visit-reports'];

describe('what a webhook tells of', () => {
  it.each([
    [['orders'], ['created', 'updated', 'deleted'], ['orders.*']],
    [['visit-reports'], ['updated', 'created'], ['visit_reports.created', 'visit_reports.updated']],
    [ALL, ['created', 'updated', 'deleted'], ['*']],
    [ALL, ['deleted'], ['orders.deleted', 'invoices.deleted', 'visit_reports.deleted']],
    [['orders'], [], []],
    [[], ['created'], []],
  ])('%s when %s is %s', (resources, moments, patterns) => {
    expect(patternsOf(resources, moments, ALL)).toEqual(patterns);
  });
  it('is read again as it was ticked', () => {
    expect(readPatterns(['visit_reports.updated', 'visit_reports.created', 'orders.*'])).toEqual([
      { resource: 'visit-reports', moments: ['created', 'updated'] },
      { resource: 'orders', moments: ['created', 'updated', 'deleted'] },
    ]);
    expect(readPatterns(['*'])).toEqual([{ resource: '*', moments: ['created', 'updated', 'deleted'] }]);
  });
  it('names a message by its record or by itself', () => {
    expect(readType('service_requests.deleted')).toEqual({ resource: 'service-requests', moment: 'deleted' });
    expect(readType('kpi.crossed')).toEqual({ known: 'kpi_crossed' });
    expect(readType('webhook.test')).toEqual({ known: 'webhook_test' });
  });
});

it('says in three words how a webhook fares', () => {
  const well = { is_active: true, failing_since: null, disabled_reason: null };
  expect(stateOf(well)).toBe('on');
  expect(stateOf({ ...well, failing_since: '2026-11-23T09:00:00Z' })).toBe('failing');
  expect(stateOf({ ...well, is_active: false, failing_since: '2026-11-23T09:00:00Z' })).toBe('off');
});

it.each([
  ['It leads to an internal address. Give an https URL at a public address.', 'settings.hook_refused_inside'],
  ['It names a host inside. Give an https URL at a public address.', 'settings.hook_refused_inside'],
  ['It is not https. Give an https URL at a public address.', 'settings.hook_refused_https'],
  ['It holds a user, a password or a fragment. Give an https URL.', 'settings.hook_refused_secret'],
  ['Something new.', null],
])('explains %s', (said, key) => {
  expect(refusedAddress(said)).toBe(key);
});
