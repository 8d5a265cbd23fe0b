import { signal } from '@preact/signals';

/**
 * @typedef {'fr'|'en'} Language
 * @typedef {string | {zero?: string, one: string, other: string, [category: string]: string | undefined}} Message
 * @typedef {Record<string, Message>} Messages
 */

/** @type {Language[]} */
export const LANGUAGES = ['fr', 'en'];

/** BCP 47 tag of each language, for Intl. @type {Record<Language, string>} */
export const LOCALES = { fr: 'fr-FR', en: 'en-GB' };

const catalogues = import.meta.glob('./{fr,en}.js');
const areas = import.meta.glob('./areas/*.{fr,en}.js');

/** Language of the page. Read it in a component and the component follows a change. */
export const language = signal(/** @type {Language} */ ('fr'));

/** @type {import('@preact/signals').Signal<Messages>} */
const messages = signal({});

/** Areas asked for so far (records, settings …), loaded again when the language changes. @type {Set<string>} */
const wanted = new Set();

/** @type {Map<string, Intl.PluralRules>} */
const rules = new Map();

/** @returns {Language} the language kept from last time, else the browser's when we have it, else English */
export function preferredLanguage() {
  const kept = readStored('language');
  if (kept === 'fr' || kept === 'en') return kept;
  return navigator.language?.startsWith('fr') ? 'fr' : 'en';
}

/**
 * Loads a language and shows the page in it; kept for the next visit.
 * @param {Language} next
 */
export async function setLanguage(next) {
  const parts = await Promise.all([
    load(catalogues, `./${next}.js`),
    ...[...wanted].map((a) => area(a, next)),
  ]);
  messages.value = Object.assign({}, ...parts);
  language.value = next;
  document.documentElement.lang = next;
  writeStored('language', next);
}

/**
 * Adds the texts of an area that is not part of the first screens: `areas/<name>.<language>.js`.
 * @param {string} name
 */
export async function loadArea(name) {
  if (wanted.has(name)) return;
  wanted.add(name);
  const more = await area(name, language.peek());
  messages.value = { ...messages.peek(), ...more };
}

/** @param {string} name @param {Language} lang */
const area = (name, lang) => load(areas, `./areas/${name}.${lang}.js`);

/** @param {Record<string, () => Promise<unknown>>} from @param {string} path @returns {Promise<Messages>} */
async function load(from, path) {
  const module = /** @type {{default: Messages}} */ (await from[path]());
  return module.default;
}

/**
 * The text of a key in the page's language. `{name}` is replaced by the parameter; with a parameter `n` the plural
 * form is chosen by it, and it is written as a number of that language.
 * @param {string} key
 * @param {Record<string, string | number | null | undefined>} [params]
 * @returns {string} the text, or the key itself when no text exists
 */
export function t(key, params) {
  const message = messages.value[key];
  if (message === undefined) return key;
  return fill(choose(message, params?.n), params);
}

/** @param {string} key whether a text exists for it */
export const hasText = (key) => messages.value[key] !== undefined;

/** @param {Message} message @param {unknown} n */
function choose(message, n) {
  if (typeof message === 'string') return message;
  if (n === 0 && message.zero !== undefined) return message.zero;
  const locale = LOCALES[language.value];
  let rule = rules.get(locale);
  if (!rule) {
    rule = new Intl.PluralRules(locale);
    rules.set(locale, rule);
  }
  return message[rule.select(Number(n ?? 0))] ?? message.other;
}

/** @param {string} text @param {Record<string, string | number | null | undefined>} [params] */
function fill(text, params) {
  if (!params) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name];
    if (value === null || value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString(LOCALES[language.value]) : value;
  });
}

/** @param {string} name @returns {string | null} a setting of this browser; null when storage is refused */
export function readStored(name) {
  try {
    return localStorage.getItem(`cadran.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string | null} value null removes it; refused storage is no error */
export function writeStored(name, value) {
  try {
    if (value === null) localStorage.removeItem(`cadran.${name}`);
    else localStorage.setItem(`cadran.${name}`, value);
  } catch {
    // A private window may refuse storage: the setting then lasts as long as the page.
  }
}
