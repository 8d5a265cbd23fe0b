/** @typedef {import('../../app/screens.js').Role} Role */

/** @type {Role[]} */
export const COMMERCIAL = ['rep', 'manager', 'director', 'admin'];
/** @type {Role[]} */
export const EVERYONE = [...COMMERCIAL, 'marketing'];
/** @type {Role[]} */
export const OFFICE = ['director', 'admin'];
/** @type {Role[]} */
export const MANAGEMENT = ['manager', 'director', 'admin'];
/** @type {Role[]} */
export const ADMIN = ['admin'];
