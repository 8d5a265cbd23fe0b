import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { instant } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Brand, Icon } from '../ui/Icon.jsx';
import { bindKeys } from '../ui/keys.js';
import { Toasts } from '../ui/Toast.jsx';
import { Lazily, withTexts } from './Lazily.jsx';
import { recordPath, to } from './paths.js';
import { homeOf, ownPages, recordsPage, screensOf } from './registry.js';
import { HOME } from './screens.js';
import { user } from './session.js';
import { UserMenu } from './UserMenu.jsx';

/** Which window over the page is open. */
export const overlay = signal(/** @type {'palette'|'help'|null} */ (null));
const close = () => {
  overlay.value = null;
};
const palette = () => withTexts(import('./Palette.jsx'), 'shell');
const help = () => withTexts(import('./Help.jsx'), 'shell');
const offline = () => import('./Offline.jsx');

/**
 * What stays around every page once signed in.
 * @param {{children: import('preact').ComponentChildren}} props
 */
export function Shell({ children }) {
  const { path, route } = useLocation();
  const who = /** @type {import('./session.js').User} */ (user.value);
  const mine = screensOf(who);
  const inRecords = path.startsWith(recordPath('').replace(/\/$/, ''));

  useEffect(
    () =>
      bindKeys({
        ...Object.fromEntries(mine.map((screen) => [`g ${screen.shortcut}`, () => route(to(screen.path))])),
        'Ctrl+K': () => {
          overlay.value = 'palette';
        },
        '/': () => {
          const filter = /** @type {HTMLElement | null} */ (document.querySelector('[data-filter]'));
          if (filter) filter.focus();
          else overlay.value = 'palette';
        },
        '?': () => {
          overlay.value = 'help';
        },
      }),
    [who.role],
  );

  return (
    <>
      <a class="skip" href="#main">
        {t('app.skip')}
      </a>
      <header class="top">
        <a class="brand" href={homeOf(who, HOME[who.role])}>
          <Brand />
          {t('app.name')}
        </a>
        <nav class="tabs" aria-label={t('nav.screens')}>
          {mine.map((screen) => (
            <Tab key={screen.id} screen={screen} path={path} />
          ))}
          {recordsPage ? (
            <a class="apart" href={recordPath('customers')} aria-current={inRecords ? 'page' : undefined}>
              {t('nav.records')}
            </a>
          ) : null}
        </nav>
        <button
          type="button"
          class="find"
          aria-keyshortcuts="Control+K"
          onClick={() => {
            overlay.value = 'palette';
          }}
        >
          <Icon name="search" size={16} />
          <span class="vh">{t('nav.search_button')}</span>
          <span>{t('nav.search')}</span> <kbd>Ctrl K</kbd>
        </button>
        <UserMenu onHelp={() => (overlay.value = 'help')} />
        <p class="print-only">{t('app.printed', { when: instant(new Date()), who: who.name })}</p>
      </header>
      <main id="main" tabIndex={-1}>
        <Lazily load={offline} />
        {children}
      </main>
      <BottomBar mine={mine} path={path} inRecords={inRecords} />
      <Toasts />
      {overlay.value === 'palette' ? <Lazily load={palette} onClose={close} /> : null}
      {overlay.value === 'help' ? <Lazily load={help} onClose={close} /> : null}
    </>
  );
}

/** @param {{screen: import('./registry.js').Place, path: string}} props */
const Tab = ({ screen, path }) => (
  <a
    href={to(screen.path)}
    aria-current={path === to(screen.path) ? 'page' : undefined}
    aria-keyshortcuts={screen.shortcut ? `g ${screen.shortcut}` : undefined}
  >
    {t(screen.label)}
  </a>
);

/**
 * The phone's bar: two screens, the visit report in the middle, two screens; records take a free place.
 * @param {{mine: import('./registry.js').Place[], path: string, inRecords: boolean}} props
 */
function BottomBar({ mine, path, inRecords }) {
  const places = mine.map((screen) => ({
    key: screen.id,
    href: to(screen.path),
    text: t(screen.short),
    icon: screen.icon,
    on: path === to(screen.path),
  }));
  if (recordsPage && places.length < 4)
    places.push({
      key: 'records',
      href: recordPath('customers'),
      text: t('nav.records'),
      icon: 'book',
      on: inRecords,
    });
  if (places.length === 0) return null;
  const half = Math.ceil(places.length / 2);
  const link = (/** @type {typeof places[number]} */ place) => (
    <a key={place.key} href={place.href} aria-current={place.on ? 'page' : undefined}>
      <Icon name={place.icon} size={22} />
      {place.text}
    </a>
  );
  return (
    <nav class="bottom-bar" aria-label={t('nav.screens')}>
      {places.slice(0, half).map(link)}
      {ownPages.report ? (
        <a class="plus" href={to('report')} aria-label={t('nav.new_report')}>
          <Icon name="plus" size={24} />
        </a>
      ) : null}
      {places.slice(half).map(link)}
    </nav>
  );
}
