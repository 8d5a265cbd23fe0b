import { fieldOf as placeOf } from '../../api/client.js';
import { language, t } from '../../i18n/index.js';
import { errorText } from '../../ui/States.jsx';
import { pluralOf, RESOURCES } from './schema.js';

/** What the API says of a value in English only, and how it is told to whoever typed it. @type {[RegExp, string][]} */
const KNOWN = [
  [/^No such record/, 'rec.refused.unknown'],
  [/^Another record has this value/, 'rec.refused.taken'],
  [/^The line has no price/, 'rec.refused.no_price'],
  [/ is before /, 'rec.refused.order'],
  [/not in the calendar/, 'rec.refused.date'],
  [/^Write a decimal number/, 'rec.number'],
  [/^(Write it in the form|String should match)/, 'rec.refused.form'],
  [/required/i, 'rec.required'],
];

/**
 * Why each field was refused, in the reader's language where it is known.
 * @param {any} problem an `ApiError`, or a failure of another kind
 * @returns {Record<string, string>} by field name, lines as `lines.0.quantity`
 */
export function refusalsOf(problem) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const { pointer, detail = '', remedy = '' } of problem?.errors ?? []) {
    if (!pointer || pointer.startsWith('?')) continue;
    const known = KNOWN.find(([said]) => said.test(detail));
    const own = detail === remedy ? detail : [detail, remedy].filter(Boolean).join(' ');
    found[placeOf(pointer)] = known && (language.peek() !== 'en' || detail === remedy) ? t(known[1]) : own;
  }
  return found;
}

/** Why the whole was refused. @param {any} problem @returns {string} */
export function refusalText(problem) {
  if (problem?.type?.endsWith('/in_use')) {
    const table = /^(.+) still refer/.exec(problem.detail)?.[1].toLowerCase().replaceAll(' ', '-') ?? '';
    const what = RESOURCES.includes(table) ? pluralOf(table).toLowerCase() : t('rec.other_records');
    return t('rec.delete_refused', { what });
  }
  return errorText(problem);
}
