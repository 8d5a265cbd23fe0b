import { lazy } from 'preact-iso';
import { recordPath, to } from './paths.js';
import { SCREENS } from './screens.js';

/**
 * What the app is made of. A screen exists when its folder has an `index.jsx` whose default export is its component:
 * it then has its route, its tab and its shortcut, and nothing else needs to know of it.
 *
 *   src/dashboards/<folder>/index.jsx    the four screens (app/screens.js says which)
 *   src/resources/index.jsx              everything under /records, with its own routes
 *   src/resources/pages/<name>.jsx       a page of its own under /<name>: report (the visit report), settings, import …
 *
 * @typedef {import('./screens.js').Screen & {component: any}} Place
 */

const dashboards = import.meta.glob('../dashboards/*/index.jsx');
const records = import.meta.glob('../resources/index.jsx');
const pages = import.meta.glob('../resources/pages/*.jsx');

/** @param {() => Promise<unknown>} load @returns {any} */
const page = (load) => lazy(/** @type {any} */ (load));

/** The screens that are built. @type {Place[]} */
export const screens = SCREENS.flatMap((screen) => {
  const load = dashboards[`../dashboards/${screen.folder}/index.jsx`];
  return load ? [{ ...screen, component: page(load) }] : [];
});

/** The records, when they are built. */
export const recordsPage = Object.values(records).map(page)[0] ?? null;

/** Pages of their own, by name. @type {Record<string, any>} */
export const ownPages = Object.fromEntries(
  Object.entries(pages).map(([file, load]) => [file.replace(/^.*\/|\.jsx$/g, ''), page(load)]),
);

/** @param {import('./session.js').User} user @returns {Place[]} the screens of a role */
export const screensOf = (user) => screens.filter((screen) => screen.roles.includes(user.role));

/** @param {import('./session.js').User} user @param {string} home path of the role's first screen @returns {string} */
export function homeOf(user, home) {
  const mine = screensOf(user);
  const first = mine.find((screen) => screen.path === home) ?? mine[0];
  if (first) return to(first.path);
  return recordsPage ? recordPath('customers') : to('');
}
