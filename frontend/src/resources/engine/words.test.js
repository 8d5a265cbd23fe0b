import { describe, expect, it } from 'vitest';
import enRecords from '../../i18n/areas/records.en.js';
import frRecords from '../../i18n/areas/records.fr.js';
import en from '../../i18n/areas/resources.en.js';
import fr from '../../i18n/areas/resources.fr.js';
import { DESCRIPTIONS, GROUPS, mayRead, titleOf } from '../descriptions/index.js';
import { VERBS } from '../descriptions/verbs.js';
import { fieldOf, RESOURCES, schemaOf } from './schema.js';

/** @type {[string, Record<string, any>][]} */
const LANGUAGES = [
  ['fr', { ...fr, ...frRecords }],
  ['en', { ...en, ...enRecords }],
];

/** @returns {string[][]} the keys of which one must exist, for everything the schema can show */
function wanted() {
  const all = [];
  for (const resource of RESOURCES) {
    all.push([`r.${resource}`], [`r1.${resource}`], [`rec.new.${resource}`]);
    const schema = schemaOf(resource);
    const say = (
      /** @type {import('./schema.js').SchemaField} */ field,
      /** @type {string} */ within = resource,
    ) => {
      if (field.name === 'id') return;
      all.push([`f.${within}.${field.name}`, `f.${field.name}`]);
      for (const option of field.options ?? [])
        all.push([`e.${within}.${field.name}.${option}`, `e.${field.name}.${option}`]);
      for (const inner of field.fields ?? []) say(inner, field.name === 'actions' ? 'actions' : resource);
    };
    for (const field of schema?.fields ?? []) say(field);
    for (const [verb, { fields }] of Object.entries(schema?.verbs ?? {})) {
      all.push([`v.${resource}.${verb}`]);
      for (const field of fields.filter((one) => one.name !== 'lines' && one.type !== 'rows')) say(field);
    }
  }
  return all;
}

describe('the words of the schema', () => {
  it.each(LANGUAGES)('are all there in %s', (_, texts) => {
    const all = wanted();
    expect(all.length).toBeGreaterThan(400);
    expect(all.filter((keys) => !keys.some((key) => texts[key]))).toEqual([]);
  });

  it('name nothing that the schema no longer has', () => {
    const known = new Set(wanted().flat());
    const spare = Object.keys(fr).filter((key) => /^[fev]\./.test(key) && !known.has(key));
    expect(spare).toEqual(['f.full_name', 'f.opportunity']);
  });
});

describe('the descriptions', () => {
  it('cover every resource, and each is in the menu once', () => {
    expect(Object.keys(DESCRIPTIONS).sort()).toEqual([...RESOURCES].sort());
    expect(GROUPS.flatMap((group) => group.resources).sort()).toEqual([...RESOURCES].sort());
  });

  it('name only what the schema has', () => {
    const wrong = [];
    for (const [resource, said] of Object.entries(DESCRIPTIONS)) {
      const schema = schemaOf(resource);
      for (const name of [
        ...said.columns,
        ...(said.main ?? []),
        ...(said.hidden ?? []),
        ...(said.rows?.total ?? []),
      ]) {
        const [first, beyond] = name.split('.');
        const field = fieldOf(resource, first);
        if (!field || (beyond && !fieldOf(field.ref ?? '', beyond))) wrong.push(`${resource}.${name}`);
      }
      if (said.sort && !schema?.sorts.includes(said.sort.replace('-', ''))) wrong.push(`${resource} sort`);
      const rows = schema?.fields.find((field) => field.type === 'rows')?.fields ?? [];
      for (const name of said.rows?.fields ?? [])
        if (!rows.some((field) => field.name === name)) wrong.push(`${resource} row ${name}`);
      for (const related of said.related ?? []) {
        const [other, name] = related.split('.');
        if (!schemaOf(other)?.filters.some((filter) => filter.name === name))
          wrong.push(`${resource} ${related}`);
        else if (fieldOf(other, name)?.ref !== resource) wrong.push(`${resource} ${related} is of another`);
      }
      const states = fieldOf(resource, said.quick ?? '')?.options ?? [];
      for (const state of said.open ?? []) if (!states.includes(state)) wrong.push(`${resource} ${state}`);
    }
    expect(wrong).toEqual([]);
  });

  it('offer every verb of the API, and no other', () => {
    for (const resource of RESOURCES)
      expect((VERBS[resource] ?? []).map((one) => one.verb).sort(), resource).toEqual(
        Object.keys(schemaOf(resource)?.verbs ?? {}).sort(),
      );
  });

  it('hide from marketing what bears amounts', () => {
    expect(RESOURCES.filter((resource) => !mayRead(resource, 'marketing')).sort()).toEqual([
      'action-plans',
      'deliveries',
      'interactions',
      'invoices',
      'opportunities',
      'orders',
      'payments',
      'quotes',
      'service-requests',
      'targets',
      'visit-reports',
      'visits',
    ]);
  });

  it('name a record by what one calls it', () => {
    expect(titleOf('contacts', { id: 'x', first_name: 'Anne', last_name: 'Roux' })).toBe('Anne Roux');
    expect(titleOf('quotes', { id: 'x', number: 'D-1' })).toBe('D-1');
    expect(titleOf('contacts', { id: '0191aae1-aacf-78a0-9b04-2bf816dc6609' })).toBe('16dc6609');
  });
});
