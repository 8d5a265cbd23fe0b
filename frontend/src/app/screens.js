/**
 * The four screens and the other places of the app, as plain data: read by the router, the header, the keyboard
 * shortcuts and, when building, by the script that asks for the first screen early. No import, so that Node reads it too.
 *
 * @typedef {'rep'|'manager'|'director'|'marketing'|'admin'} Role
 * @typedef {{
 *   id: string, path: string, folder: string, dashboard?: string, label: string, short: string,
 *   icon: string, shortcut?: string, roles: Role[],
 * }} Screen
 */

/** Query parameters of the address that are the scope, spelt as the API spells them. */
export const SCOPE_KEYS = [
  'period',
  'from',
  'to',
  'business_unit',
  'team',
  'rep',
  'customer',
  'compare',
  'as_of',
];

/** @type {Screen[]} */
export const SCREENS = [
  {
    id: 'activity',
    path: 'activity',
    folder: 'activity',
    dashboard: 'activity',
    label: 'nav.activity',
    short: 'nav.activity_short',
    icon: 'gauge',
    shortcut: 'a',
    roles: ['rep', 'manager', 'director', 'admin'],
  },
  {
    id: 'day',
    path: 'day',
    folder: 'day',
    dashboard: 'day',
    label: 'nav.day',
    short: 'nav.day_short',
    icon: 'calendar',
    shortcut: 'j',
    roles: ['rep', 'manager', 'director', 'admin'],
  },
  {
    id: 'data',
    path: 'data-health',
    folder: 'data',
    dashboard: 'data-health',
    label: 'nav.data',
    short: 'nav.data_short',
    icon: 'pulse',
    shortcut: 'd',
    roles: ['rep', 'manager', 'director', 'marketing', 'admin'],
  },
  {
    id: 'field',
    path: 'field',
    folder: 'field',
    dashboard: 'field',
    label: 'nav.field',
    short: 'nav.field_short',
    icon: 'pin',
    shortcut: 't',
    roles: ['rep', 'manager', 'director', 'marketing', 'admin'],
  },
];

/** Where each role starts the day. @type {Record<Role, string>} */
export const HOME = {
  rep: 'day',
  manager: 'activity',
  director: 'activity',
  marketing: 'data-health',
  admin: 'activity',
};
