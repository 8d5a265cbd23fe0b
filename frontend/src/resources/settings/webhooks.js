/**
 * What a webhook tells of, between the API's patterns (`orders.created`, `orders.*`, `*`) and the boxes of the form.
 * The API writes resources with underscores, the screens with dashes.
 */

export const MOMENTS = ['created', 'updated', 'deleted'];
const THRESHOLD_EVENTS = /^kpi\./;

/**
 * The shortest patterns that say what was ticked.
 * @param {string[]} resources `orders`, `visit-reports` … @param {string[]} moments of `MOMENTS` @param {string[]} all every resource there is
 * @returns {string[]}
 */
export function patternsOf(resources, moments, all) {
  if (!moments.length) return [];
  const whole = moments.length === MOMENTS.length;
  if (whole && all.length && all.every((name) => resources.includes(name))) return ['*'];
  return resources.flatMap((name) => {
    const plural = name.replaceAll('-', '_');
    return whole
      ? [`${plural}.*`]
      : MOMENTS.filter((one) => moments.includes(one)).map((one) => `${plural}.${one}`);
  });
}

/**
 * The other way: what was asked for, resource by resource.
 * @param {string[]} patterns
 * @returns {{resource: string, moments: string[]}[]} resource `*` for every one; all moments when nothing is left out
 */
export function readPatterns(patterns) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  for (const pattern of patterns) {
    const [plural, moment = '*'] = pattern.split('.');
    const name = plural.replaceAll('_', '-');
    const moments = found.get(name) ?? new Set();
    for (const one of moment === '*' ? MOMENTS : [moment]) moments.add(one);
    found.set(name, moments);
  }
  return [...found].map(([resource, moments]) => ({
    resource,
    moments: MOMENTS.filter((one) => moments.has(one)),
  }));
}

/** @param {string} type of a message @returns {{resource?: string, moment?: string, known?: string}} what it is about */
export function readType(type) {
  if (THRESHOLD_EVENTS.test(type) || type === 'webhook.test') return { known: type.replace('.', '_') };
  const [plural, moment] = type.split('.');
  return { resource: plural.replaceAll('_', '-'), moment };
}

/** @param {{is_active: boolean, failing_since: string | null, disabled_reason: string | null}} webhook @returns {'on'|'failing'|'off'} */
export const stateOf = (webhook) => (!webhook.is_active ? 'off' : webhook.failing_since ? 'failing' : 'on');

/** Why an address is refused: the API says it in English, the key of its text is told. @type {[RegExp, string][]} */
const REFUSED = [
  [/(internal address|host inside)/, 'settings.hook_refused_inside'],
  [/not https/, 'settings.hook_refused_https'],
  [/(no URL|should match|no host|form)/i, 'settings.hook_refused_form'],
  [/(user, a password)/, 'settings.hook_refused_secret'],
];

/** @param {string} said by the API of the address @returns {string | null} key of a text, null when it is none we know */
export const refusedAddress = (said) => REFUSED.find(([known]) => known.test(said))?.[1] ?? null;
