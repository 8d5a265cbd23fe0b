import { ADMIN, COMMERCIAL, EVERYONE, OFFICE } from './roles.js';

/**
 * When one may do what with a record, in the order it is offered: the first two are buttons, the others are in the menu.
 *
 * @typedef {{verb: string, when: (record: any) => boolean, roles: import('./roles.js').Role[], direct?: true, undo?: string,
 *   href?: (record: any) => string, danger?: true, folded?: true, fields?: string[]}} Doing
 *   `direct`: done at once, nothing is asked; `undo`: the opposite verb; `href`: a page of its own; `folded`: always in the menu;
 *   `fields`: those asked, by default all but the technical ones
 */

/** @param {...string} states @returns {(record: any) => boolean} */
const when =
  (...states) =>
  (record) =>
    states.includes(record.status);

/** @type {Record<string, Doing[]>} */
export const VERBS = {
  customers: [
    {
      verb: 'visit-report',
      when: (r) => !r.merged_into_id,
      roles: COMMERCIAL,
      href: (r) => `report?customer_id=${r.id}`,
    },
    { verb: 'merge', when: (r) => !r.merged_into_id, roles: EVERYONE, folded: true },
  ],
  contacts: [{ verb: 'merge', when: (r) => !r.merged_into_id, roles: EVERYONE, folded: true }],
  leads: [
    { verb: 'qualify', when: when('new', 'working'), roles: EVERYONE },
    { verb: 'convert', when: when('qualified', 'new', 'working'), roles: COMMERCIAL },
    {
      verb: 'disqualify',
      when: when('new', 'working', 'qualified'),
      roles: EVERYONE,
      danger: true,
      folded: true,
    },
  ],
  opportunities: [
    { verb: 'win', when: when('open'), roles: COMMERCIAL },
    { verb: 'stage', when: when('open'), roles: COMMERCIAL },
    { verb: 'lose', when: when('open'), roles: COMMERCIAL, danger: true, folded: true },
    { verb: 'reopen', when: when('won', 'lost'), roles: COMMERCIAL, direct: true },
  ],
  quotes: [
    { verb: 'send', when: when('draft'), roles: COMMERCIAL },
    { verb: 'follow-up', when: when('sent'), roles: COMMERCIAL },
    { verb: 'accept', when: when('sent', 'draft'), roles: COMMERCIAL },
    { verb: 'revise', when: when('sent', 'refused', 'expired'), roles: COMMERCIAL, folded: true },
    { verb: 'refuse', when: when('sent'), roles: COMMERCIAL, danger: true, folded: true },
  ],
  orders: [
    { verb: 'confirm', when: when('draft', 'cancelled', 'closed'), roles: COMMERCIAL },
    { verb: 'deliver', when: when('confirmed'), roles: OFFICE },
    { verb: 'invoice', when: when('confirmed', 'closed'), roles: OFFICE },
    { verb: 'close', when: when('confirmed'), roles: COMMERCIAL, folded: true },
    { verb: 'cancel', when: when('draft', 'confirmed'), roles: COMMERCIAL, danger: true, folded: true },
  ],
  invoices: [
    { verb: 'post', when: when('draft'), roles: OFFICE },
    {
      verb: 'payments',
      when: (r) => r.status === 'posted' && Number(r.open_amount) > 0 && r.kind !== 'credit_note',
      roles: OFFICE,
    },
    {
      verb: 'credit',
      when: (r) => r.status === 'posted' && r.kind !== 'credit_note',
      roles: OFFICE,
      folded: true,
    },
    { verb: 'cancel', when: when('draft', 'posted'), roles: OFFICE, danger: true, folded: true },
  ],
  visits: [
    {
      verb: 'report',
      when: (r) => r.status !== 'cancelled',
      roles: COMMERCIAL,
      href: (r) => `report?visit=${r.id}`,
    },
    { verb: 'reschedule', when: when('planned'), roles: COMMERCIAL },
    { verb: 'hold', when: when('planned'), roles: COMMERCIAL, folded: true },
    { verb: 'cancel', when: when('planned'), roles: COMMERCIAL, danger: true, folded: true },
  ],
  tasks: [
    { verb: 'done', when: when('open'), roles: EVERYONE, direct: true, undo: 'reopen' },
    { verb: 'snooze', when: when('open'), roles: EVERYONE },
    { verb: 'reopen', when: when('done', 'cancelled'), roles: EVERYONE, direct: true },
  ],
  'service-requests': [
    { verb: 'close', when: when('open'), roles: COMMERCIAL, direct: true, undo: 'reopen' },
    { verb: 'reopen', when: when('closed'), roles: COMMERCIAL, direct: true },
  ],
  users: [{ verb: 'password', when: (r) => r.is_active, roles: ADMIN, folded: true }],
};

/** What this person may do with this record now. @param {string} resource @param {any} record @param {import('./roles.js').Role | undefined} role @returns {Doing[]} */
export const doingsOf = (resource, record, role) =>
  (VERBS[resource] ?? []).filter((one) => !!role && one.roles.includes(role) && one.when(record));
