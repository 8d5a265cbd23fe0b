import { DESCRIPTIONS, titleOf } from '../descriptions/index.js';
import { fieldLabel, fieldOf, schemaOf } from './schema.js';
import { Through, Value } from './Value.jsx';

const NUMBERS = new Set(['money', 'decimal', 'ratio', 'integer']);

/**
 * The columns of a list of records; the first names the record and is its link; `visit_id.customer_id` is a fact of the
 * record named.
 * @param {string} resource @param {string[]} [names] by default those of its description
 * @returns {import('../../ui/DataTable.jsx').Column[]}
 */
export function columnsOf(resource, names = DESCRIPTIONS[resource]?.columns ?? ['name']) {
  const sorts = new Set(schemaOf(resource)?.sorts);
  return names.flatMap((name, i) => {
    const [first, beyond] = name.split('.');
    const field = fieldOf(resource, first);
    if (!field) return [];
    const far = beyond ? fieldOf(field.ref ?? '', beyond) : undefined;
    if (far)
      return [
        {
          key: name,
          label: fieldLabel(field.ref ?? '', far.name),
          render: (/** @type {any} */ row) => <Through through={field} field={far} record={row} />,
        },
      ];
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
            <span class="clip">{titleOf(resource, row)}</span>
          ) : (
            <Value resource={resource} field={field} record={row} plain={i === 0} short />
          ),
      },
    ];
  });
}
