import { DESCRIPTIONS, titleOf } from '../descriptions/index.js';
import { fieldLabel, fieldOf, schemaOf } from './schema.js';
import { Value } from './Value.jsx';

const NUMBERS = new Set(['money', 'decimal', 'ratio', 'integer']);

/**
 * The columns of a list of records; the first names the record and is its link.
 * @param {string} resource @param {string[]} [names] by default those of its description
 * @returns {import('../../ui/DataTable.jsx').Column[]}
 */
export function columnsOf(resource, names = DESCRIPTIONS[resource]?.columns ?? ['name']) {
  const sorts = new Set(schemaOf(resource)?.sorts);
  return names.flatMap((name, i) => {
    const field = fieldOf(resource, name);
    if (!field) return [];
    const title = i === 0 && field.type === 'text';
    return [
      {
        key: name,
        label:
          i === 0 && title && name === 'last_name'
            ? fieldLabel(resource, 'full_name')
            : fieldLabel(resource, name),
        numeric: NUMBERS.has(field.type),
        sortable: sorts.has(name),
        render: (/** @type {any} */ row) =>
          title ? (
            titleOf(resource, row)
          ) : (
            <Value resource={resource} field={field} record={row} plain={i === 0} short />
          ),
      },
    ];
  });
}
