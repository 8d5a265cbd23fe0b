import { signal } from '@preact/signals';
import { call, forgetAnswers, onSignedOut, post } from '../api/client.js';
import { forget } from '../api/query.js';
import { currency, timeZone } from '../i18n/format.js';
import { LANGUAGES, language, readStored, setLanguage, writeStored } from '../i18n/index.js';
import { setFiscalStart } from './periods.js';
import { HOME, SCREENS } from './screens.js';

/**
 * Who is signed in. The token is in a cookie that scripts cannot read; here is only what the API says of the user.
 *
 * @typedef {{id: string, name: string, email: string, role: import('./screens.js').Role, language?: string | null, team_id?: string | null, digest?: boolean}} User
 */

/** What runs behind the screens, fetched once they are on their way: live refresh and the outbox. */
const behind = () => Promise.all([import('../api/live.js'), import('../api/outbox.js')]);

/** The user; null: nobody is signed in; undefined: not known yet. */
export const user = signal(/** @type {User | null | undefined} */ (undefined));

/** Why the sign-in page is shown when it was not asked for. */
export const ended = signal(false);

/** The API could not say who is signed in, and nothing is kept from before. */
export const unreachable = signal(/** @type {unknown} */ (null));

onSignedOut(() => {
  if (!user.peek()) return;
  ended.value = true;
  leave();
});

/**
 * Takes in the answer of GET or POST /session.
 * @param {any} data the user, alone or under `user`, with the company's settings beside it or under `company`
 */
async function enter(data) {
  const found = /** @type {User} */ (data.user ?? data);
  const company = data.company ?? data.settings ?? data;
  if (company.time_zone) timeZone.value = company.time_zone;
  if (company.currency) currency.value = company.currency;
  if (company.fiscal_year_start_month) setFiscalStart(company.fiscal_year_start_month);
  const chosen = /** @type {any} */ (found.language);
  if (readStored('language') === null && LANGUAGES.includes(chosen) && chosen !== language.peek())
    await setLanguage(chosen);
  writeStored('signed', '1');
  writeStored('home', HOME[found.role] ?? SCREENS[0].path);
  writeStored('session', JSON.stringify(data));
  ended.value = false;
  user.value = found;
  const [{ startLive }, { openOutbox }] = await behind();
  openOutbox(found.id);
  startLive();
}

/** Reads who is signed in; without network, who was. */
export async function openSession() {
  unreachable.value = null;
  try {
    const { data } = await call('/session');
    if (data) await enter(data);
    else leave();
  } catch (error) {
    const status = /** @type {any} */ (error).status;
    if (status === 401 || status === 404) return leave();
    const kept = readStored('session');
    if (kept) await enter(JSON.parse(kept));
    else unreachable.value = error;
  }
}

/**
 * Signs in.
 * @param {string} email @param {string} password
 * @throws {import('../api/client.js').ApiError} 401 refused, 429 too many attempts
 */
export async function signIn(email, password) {
  const { data } = await post('/session', { email, password }, { key: undefined });
  delete window.__early;
  await enter(data?.user || data?.role ? data : (await call('/session', { fresh: true })).data);
}

/** Signs out, here and on the server, and leaves nothing of the user on this device. */
export async function signOut() {
  const [, { emptyOutbox }] = await behind();
  emptyOutbox();
  try {
    await call('/session', { method: 'DELETE' });
  } finally {
    leave();
  }
}

function leave() {
  if (user.peek()) behind().then(([{ stopLive }]) => stopLive());
  forget();
  forgetAnswers();
  delete window.__early;
  for (const name of ['signed', 'home', 'session']) writeStored(name, null);
  user.value = null;
}
