import { beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '../../i18n/index.js';
import { activeIn, chipOf, filtersOf, paramsIn } from './filters.js';
import { RESOURCES } from './schema.js';
import { dropView, keepView, viewsOf } from './views.js';

beforeEach(() => setLanguage('fr'));
const plain = (/** @type {string} */ text) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('the filters of an address', () => {
  it('are those of the API, and nothing it would refuse', () => {
    const search =
      '?status=sent&status=draft&net_amount_from=5000&nothing=1&sort=-colour&q=%20dumas&expires_on_missing=true&customer_id_from=2&panel=x&sent_on=2026-01-01';
    expect(paramsIn('quotes', search, '-sent_on')).toEqual({
      status: ['sent', 'draft'],
      net_amount_from: ['5000'],
      expires_on_missing: ['true'],
      q: 'dumas',
      sort: '-sent_on',
    });
    expect(paramsIn('visits', '?q=dumas&sort=planned_on', '-planned_on')).toEqual({ sort: 'planned_on' });
  });

  it('are told as one says them', () => {
    const search =
      '?status=sent&net_amount_from=5000&expires_on_to=2026-12-31&owner_id=u1&decided_on_missing=true';
    const chips = activeIn('quotes', search).map((one) =>
      plain(chipOf('quotes', one, { u1: 'Camille Morel' })),
    );
    expect(chips).toEqual([
      'État : Envoyé',
      'Montant HT dès 5 000',
      'Valable jusqu’au jusqu’à 31 déc. 2026',
      'Commercial : Camille Morel',
      'Décision : non renseigné',
    ]);
  });

  it('are offered for every list, technical ones apart', () => {
    for (const resource of RESOURCES.filter((one) => one !== 'stages'))
      expect(filtersOf(resource).length, resource).toBeGreaterThan(0);
    expect(filtersOf('quotes').map(({ field }) => field.name)).not.toContain('external_id');
  });
});

describe('views', () => {
  it('are kept by person and list, one a name, and can be taken away', () => {
    keepView('u1', 'quotes', { name: 'Gros', search: '?net_amount_from=5000' });
    keepView('u1', 'quotes', { name: 'À relancer', search: '?status=sent' });
    keepView('u1', 'quotes', { name: 'Gros', search: '?net_amount_from=9000' });
    expect(viewsOf('u1', 'quotes')).toEqual([
      { name: 'À relancer', search: '?status=sent' },
      { name: 'Gros', search: '?net_amount_from=9000' },
    ]);
    expect(viewsOf('u2', 'quotes')).toEqual([]);
    expect(viewsOf('u1', 'orders')).toEqual([]);
    dropView('u1', 'quotes', 'Gros');
    expect(viewsOf('u1', 'quotes').map((one) => one.name)).toEqual(['À relancer']);
  });
});
