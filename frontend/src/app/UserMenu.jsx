import { useLocation } from 'preact-iso';
import { LANGUAGES, language, setLanguage, t } from '../i18n/index.js';
import { Menu } from '../ui/Menu.jsx';
import { Avatar } from '../ui/Text.jsx';
import { recordPath, to } from './paths.js';
import { ownPages, recordsPage } from './registry.js';
import { signOut, user } from './session.js';
import { setTheme, theme } from './theme.js';

const NAMES = { fr: 'Français', en: 'English' };
const THEMES = /** @type {import('./theme.js').Theme[]} */ (['auto', 'light', 'dark']);

/** Asks before losing what is not sent. */
export async function leaveForGood() {
  const { outbox } = await import('../api/outbox.js');
  const waiting = outbox.value.length;
  if (waiting && !confirm(t('user.sign_out_pending', { n: waiting }))) return;
  await signOut().catch(() => {});
}

/** The menu under the initials. @param {{onHelp: () => void}} props */
export function UserMenu({ onHelp }) {
  const { route } = useLocation();
  const who = user.value;
  if (!who) return null;
  return (
    <span class="user-menu">
      <Menu
        align="end"
        label={t('user.menu', { name: who.name })}
        trigger={(attributes) => (
          <button type="button" class="me" title={who.name} {...attributes}>
            <span class="vh">{t('user.menu', { name: who.name })}</span>
            <Avatar name={who.name} />
          </button>
        )}
        items={[
          { key: 'who', heading: `${who.name}, ${t(`role.${who.role}`)}` },
          // The phone's bar has no place left for it.
          ...(recordsPage
            ? [
                {
                  key: 'records',
                  label: t('nav.records'),
                  icon: 'book',
                  onSelect: () => route(recordPath('customers')),
                },
              ]
            : []),
          ...(ownPages.settings
            ? [
                {
                  key: 'settings',
                  label: t('user.settings'),
                  icon: 'settings',
                  onSelect: () => route(to('settings')),
                },
              ]
            : []),
          { key: 'help', label: t('user.shortcuts'), icon: 'info', onSelect: onHelp },
          { key: 'd1', divider: /** @type {const} */ (true) },
          { key: 'language', heading: t('user.language') },
          ...LANGUAGES.map((code) => ({
            key: code,
            label: <span lang={code}>{NAMES[code]}</span>,
            checked: language.value === code,
            onSelect: () => setLanguage(code),
          })),
          { key: 'theme', heading: t('user.theme') },
          ...THEMES.map((one) => ({
            key: one,
            label: t(`user.theme_${one}`),
            checked: theme.value === one,
            onSelect: () => setTheme(one),
          })),
          { key: 'd2', divider: /** @type {const} */ (true) },
          { key: 'out', label: t('user.sign_out'), onSelect: leaveForGood },
        ]}
      />
    </span>
  );
}
