import { useEffect, useState } from 'preact/hooks';
import { get, query } from '../api/client.js';
import { user } from './session.js';

/**
 * @typedef {{id: string, name: string, team_id?: string | null, business_unit_id?: string | null}} Choice
 * @typedef {{business_unit: Choice[], team: Choice[], rep: Choice[]}} Choices
 */

/** @type {Promise<Choices> | null} */
let asked = null;

/** @returns {Promise<Choices>} units, teams and reps, asked once for all screens */
export function askChoices() {
  const list = (/** @type {string} */ path) =>
    get(path).then(
      ({ data }) => /** @type {Choice[]} */ (data.items),
      () => [],
    );
  asked ??= Promise.all([
    list(`/business-units${query({ limit: 500 })}`),
    list(`/teams${query({ limit: 500 })}`),
    list(`/users${query({ limit: 500, role: 'rep' })}`),
  ]).then(([business_unit, team, rep]) => ({ business_unit, team, rep }));
  return asked;
}

/** @param {Choices | null} all @param {string | null} unit @param {string | null} team @returns {Choices | null} teams of the unit, reps of the team */
export function narrowed(all, unit, team) {
  if (!all) return null;
  const teams = all.team.filter((one) => !unit || !one.business_unit_id || one.business_unit_id === unit);
  const ids = new Set(teams.map((one) => one.id));
  const reps = all.rep.filter((one) => (team ? one.team_id === team : !one.team_id || ids.has(one.team_id)));
  return { business_unit: all.business_unit, team: teams, rep: reps };
}

/**
 * Whose records the scope of a screen means, for a list that knows owners only: null for everybody's, undefined until the teams are known.
 * @param {import('./scope.js').Scope} scope @returns {string[] | null | undefined}
 */
export function useOwners(scope) {
  const [choices, setChoices] = useState(/** @type {Choices | null} */ (null));
  const rep = scope.one('rep') ?? (user.value?.role === 'rep' ? user.value.id : null);
  const team = scope.one('team');
  const unit = scope.one('business_unit');
  const several = !rep && (team !== null || unit !== null);
  useEffect(() => {
    if (several) askChoices().then(setChoices);
  }, [several]);
  if (rep) return [rep];
  if (!several) return null;
  if (!choices) return undefined;
  const found = narrowed(choices, unit, team);
  const teams = new Set(found?.team.map((one) => one.id));
  return (found?.rep ?? []).filter((one) => one.team_id && teams.has(one.team_id)).map((one) => one.id);
}
