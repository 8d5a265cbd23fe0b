import { describe, expect, it } from 'vitest';
import { guessed, headerOf, stated } from './file.js';

/** @param {string | Uint8Array} content */
const file = (content) => new Blob([/** @type {any} */ (content)]);

describe('the header of a file', () => {
  it('is told by its delimiter, quotes and all', async () => {
    expect(await headerOf(file('Code;"Raison; sociale";Ville\nX1;Acier;Lyon'))).toEqual([
      'Code',
      'Raison; sociale',
      'Ville',
    ]);
    expect(await headerOf(file('\uFEFFname,city\r\na,b'))).toEqual(['name', 'city']);
  });

  it('is read in Windows-1252 where it is no UTF-8', async () => {
    expect(await headerOf(file(new Uint8Array([0x52, 0xe9, 0x66, 0x3b, 0x42])))).toEqual(['Réf', 'B']);
  });

  it('is the keys of JSON Lines, and unknown of a workbook', async () => {
    expect(await headerOf(file('{"name": "A", "city": "B"}\n{}'))).toEqual(['name', 'city']);
    expect(await headerOf(file(new Uint8Array([0x50, 0x4b, 3, 4])))).toBeNull();
  });
});

describe('the mapping', () => {
  const columns = [
    { header: 'external_id', field: 'external_id' },
    { header: 'name', field: 'name' },
    { header: 'owner', field: 'owner_id' },
  ];
  const labels = /** @type {Record<string, string[]>} */ ({
    name: ['Nom', 'Name'],
    owner_id: ['Commercial'],
  });

  it('is guessed from the fields’ names and labels, each once', () => {
    const found = guessed(
      ['External ID', 'NOM', 'Name', 'Couleur', 'commercial'],
      columns,
      (f) => labels[f] ?? [],
    );
    expect(found).toEqual({
      'External ID': 'external_id',
      NOM: 'name',
      Name: '',
      Couleur: '',
      commercial: 'owner',
    });
  });

  it('says only what the file does not', () => {
    expect(stated({ name: 'name', Ville: 'city', Couleur: '' })).toEqual(['Ville=city', 'Couleur=']);
  });
});
