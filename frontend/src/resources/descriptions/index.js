import { ACTIVITY } from './activity.js';
import { COMPANY } from './company.js';
import { CUSTOMERS } from './customers.js';
import { SALES } from './sales.js';

/**
 * What the schema cannot say of a resource: how it is named, which columns and fields come first, and whose it is.
 *
 * @typedef {import('../../app/screens.js').Role} Role
 * @typedef {{title?: (record: any) => string | null | undefined, columns: string[], main?: string[], more?: string[], sort?: string, start?: string, quick?: string,
 *   mine?: string, open?: string[], readers?: Role[], writers: Role[], creators?: Role[], newPage?: string, related?: string[], hidden?: string[],
 *   rows?: {fields: string[], fill?: Record<string, string>, total?: string[]}}} Description
 *   `start`: the query that the menu opens the list with; `title`: by default the name, number or title; `columns` of the list, `main` fields of the form and facts, `more` those folded away
 *   (every other field of the schema that may be written, unless hidden); `quick`: enum chosen by chips above the list; `mine`: field that
 *   holds the person; `related`: `resource.field` of the lists shown with the record, by default every one whose filters name it;
 *   `creators`: who has "New" when fewer than the writers; `newPage`: the page of its own that creates one; `rows`: fields of its lines, `fill`: what choosing the product copies to the line,
 *   `total`: fields that close the table
 */

/** @type {Record<string, Description>} */
export const DESCRIPTIONS = { ...CUSTOMERS, ...SALES, ...ACTIVITY, ...COMPANY };

/** The menu of the records, in the order of the work. @type {{key: string, resources: string[]}[]} */
export const GROUPS = [
  { key: 'portfolio', resources: ['customers', 'contacts', 'leads'] },
  { key: 'sales', resources: ['opportunities', 'quotes', 'orders'] },
  { key: 'billing', resources: ['deliveries', 'invoices', 'payments'] },
  {
    key: 'activity',
    resources: ['visits', 'visit-reports', 'interactions', 'tasks', 'service-requests', 'action-plans'],
  },
  { key: 'company', resources: ['products', 'stages', 'targets', 'users', 'teams', 'business-units'] },
];

/** @param {string} resource @param {Role | undefined} role @returns {boolean} whether this role has such records at all */
export function mayRead(resource, role) {
  const readers = DESCRIPTIONS[resource]?.readers;
  return !!role && (!readers || readers.includes(role));
}

/** @param {string} resource @param {Role | undefined} role @returns {boolean} */
export const mayWrite = (resource, role) => !!role && !!DESCRIPTIONS[resource]?.writers.includes(role);

/** @param {string} resource @param {Role | undefined} role @returns {boolean} */
export function mayCreate(resource, role) {
  const description = DESCRIPTIONS[resource];
  return !!role && !!(description?.creators ?? description?.writers)?.includes(role);
}

/** How a record is called. @param {string} resource @param {any} record @returns {string} */
export function titleOf(resource, record) {
  const own = DESCRIPTIONS[resource]?.title?.(record);
  return (
    own || record.name || record.number || record.title || record.external_id || String(record.id).slice(-8)
  );
}
