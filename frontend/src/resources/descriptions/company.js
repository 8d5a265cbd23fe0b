import { optionLabel } from '../engine/schema.js';
import { ADMIN, COMMERCIAL, MANAGEMENT, OFFICE } from './roles.js';

/** What the company is made of. @type {Record<string, import('./index.js').Description>} */
export const COMPANY = {
  products: {
    columns: ['name', 'reference', 'family', 'list_price', 'vat_rate', 'is_active'],
    main: ['name', 'reference', 'family', 'list_price', 'cost', 'vat_rate', 'is_active'],
    sort: 'name',
    writers: OFFICE,
    related: ['opportunities.product_id', 'leads.product_id'],
  },
  stages: {
    columns: ['name', 'position', 'probability'],
    sort: 'position',
    writers: OFFICE,
    related: ['opportunities.stage_id'],
  },
  targets: {
    title: (record) => [optionLabel('targets', 'kpi', record.kpi), record.period].filter(Boolean).join(', '),
    columns: ['kpi', 'scope_kind', 'scope_id', 'period', 'value'],
    main: ['kpi', 'scope_kind', 'period', 'value'],
    quick: 'scope_kind',
    sort: '-starts_on',
    readers: COMMERCIAL,
    writers: MANAGEMENT,
    newPage: 'targets',
    hidden: ['scope_id'],
  },
  users: {
    columns: ['name', 'role', 'team_id', 'email', 'phone', 'is_active'],
    main: ['name', 'email', 'role', 'team_id', 'phone', 'language', 'is_active', 'password'],
    quick: 'role',
    sort: 'name',
    writers: ADMIN,
    related: ['customers.owner_id', 'opportunities.owner_id'],
  },
  teams: {
    columns: ['name', 'business_unit_id', 'manager_id', 'is_active'],
    main: ['name', 'business_unit_id', 'manager_id', 'is_active'],
    sort: 'name',
    writers: ADMIN,
    related: ['users.team_id'],
  },
  'business-units': {
    columns: ['name', 'is_active'],
    main: ['name', 'is_active'],
    sort: 'name',
    writers: ADMIN,
    related: ['teams.business_unit_id'],
  },
};
