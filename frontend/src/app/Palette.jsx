import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { get, query } from '../api/client.js';
import { language, setLanguage, t } from '../i18n/index.js';
import { beginBusy } from '../ui/busy.js';
import { matching } from '../ui/Combobox.jsx';
import { Icon } from '../ui/Icon.jsx';
import { recordPath, to } from './paths.js';
import { ownPages, recordsPage, screensOf } from './registry.js';
import { user } from './session.js';
import { setTheme } from './theme.js';
import { leaveForGood } from './UserMenu.jsx';

/** @typedef {{key: string, group: string, label: string, note?: string, icon: string, run: () => void}} Entry */

/** Where names and numbers are looked up, and how a record is told. @type {{resource: string, icon: string, label: (row: any) => string, note: (row: any) => string}[]} */
const SOURCES = [
  { resource: 'customers', icon: 'user', label: (r) => r.name ?? r.legal_name, note: (r) => r.city ?? '' },
  {
    resource: 'contacts',
    icon: 'user',
    label: (r) => r.name ?? [r.first_name, r.last_name].filter(Boolean).join(' '),
    note: (r) => r.customer_name ?? '',
  },
  { resource: 'quotes', icon: 'book', label: (r) => r.number, note: (r) => r.customer_name ?? '' },
  { resource: 'orders', icon: 'book', label: (r) => r.number, note: (r) => r.customer_name ?? '' },
  { resource: 'opportunities', icon: 'chart', label: (r) => r.name, note: (r) => r.customer_name ?? '' },
  { resource: 'invoices', icon: 'book', label: (r) => r.number, note: (r) => r.customer_name ?? '' },
];
const PAUSE = 180;

/** Search and commands in one box. @param {{onClose: () => void}} props */
export default function Palette({ onClose }) {
  const { route } = useLocation();
  const dialog = /** @type {import('preact').RefObject<HTMLDialogElement>} */ (
    useRef(/** @type {any} */ (null))
  );
  const [text, setText] = useState('');
  const [found, setFound] = useState(/** @type {Entry[]} */ ([]));
  const [active, setActive] = useState(0);
  const wanted = text.trim();

  useEffect(() => {
    const done = beginBusy();
    dialog.current?.showModal();
    return done;
  }, []);

  useEffect(() => {
    setFound([]);
    if (wanted.length < 2) return;
    const controller = new AbortController();
    const wait = setTimeout(() => {
      for (const source of SOURCES)
        look(source, wanted, controller.signal, route).then((entries) => {
          if (!controller.signal.aborted) setFound((now) => inOrder([...now, ...entries]));
        });
    }, PAUSE);
    return () => {
      clearTimeout(wait);
      controller.abort();
    };
  }, [wanted]);

  const own = matching(
    commands(route).map((entry) => ({ ...entry, value: entry.key })),
    wanted,
  );
  const entries = /** @type {Entry[]} */ (/** @type {unknown} */ (wanted ? [...found, ...own] : own));
  const choose = (/** @type {Entry | undefined} */ entry) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      event.preventDefault();
      setActive((now) => (now + step + entries.length) % Math.max(1, entries.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(entries[active]);
    }
  };

  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label={t('palette.title')}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <label class="palette-input">
        <Icon name="search" />
        <span class="vh">{t('palette.title')}</span>
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries[active] ? `palette-${active}` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={t('palette.hint')}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <ul class="palette-list" id="palette-list" role="listbox" aria-label={t('palette.title')}>
        {entries.map((entry, i) => (
          <Row
            key={entry.key}
            entry={entry}
            id={`palette-${i}`}
            active={i === active}
            heading={entry.group !== entries[i - 1]?.group}
            onChoose={() => choose(entry)}
          />
        ))}
      </ul>
      <p class="vh" role="status">
        {t('palette.results', { n: entries.length })}
      </p>
      {entries.length === 0 ? <p class="empty">{t('palette.none', { text: wanted })}</p> : null}
    </dialog>
  );
}

/** @param {{entry: Entry, id: string, active: boolean, heading: boolean, onChoose: () => void}} props */
function Row({ entry, id, active, heading, onChoose }) {
  const ref = /** @type {import('preact').RefObject<HTMLLIElement>} */ (useRef(/** @type {any} */ (null)));
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <>
      {heading ? (
        <li class="menu-heading" role="presentation">
          {entry.group}
        </li>
      ) : null}
      <li
        ref={ref}
        id={id}
        role="option"
        aria-selected={active}
        class={`menu-item ${active ? 'active' : ''}`}
        onPointerDown={(event) => event.preventDefault()}
        onClick={onChoose}
      >
        <Icon name={entry.icon} size={16} />
        <span>{entry.label}</span>
        {entry.note ? <small>{entry.note}</small> : null}
      </li>
    </>
  );
}

/** Pages of their own and whose they are. */
const PAGES = [
  { key: 'pipeline', icon: 'chart', roles: ['rep', 'manager', 'director', 'admin'] },
  { key: 'targets', icon: 'gauge', roles: ['manager', 'director', 'admin'] },
  { key: 'import', icon: 'table', roles: ['director', 'admin', 'marketing'] },
];

/** @param {(url: string) => void} route @returns {Entry[]} */
function commands(route) {
  const who = user.value;
  const goes = who
    ? screensOf(who).map((s) => ({ key: s.id, label: t(s.label), icon: s.icon, path: to(s.path) }))
    : [];
  if (recordsPage)
    goes.push({ key: 'records', label: t('nav.records'), icon: 'book', path: recordPath('customers') });
  if (ownPages.report)
    goes.push({ key: 'report', label: t('nav.new_report'), icon: 'plus', path: to('report') });
  for (const { key, icon, roles } of PAGES)
    if (ownPages[key] && who && roles.includes(who.role))
      goes.push({ key, label: t(`palette.${key}`), icon, path: to(key) });
  if (ownPages.settings)
    goes.push({ key: 'settings', label: t('user.settings'), icon: 'settings', path: to('settings') });
  const group = t('palette.commands');
  return [
    ...goes.map(({ path, ...one }) => ({ ...one, group: t('palette.go'), run: () => route(path) })),
    ...['light', 'dark', 'auto'].map((name) => ({
      key: name,
      group,
      icon: 'settings',
      label: t('palette.theme', { theme: t(`user.theme_${name}`) }),
      run: () => setTheme(/** @type {any} */ (name)),
    })),
    {
      key: 'language',
      group,
      icon: 'settings',
      label: t('palette.language'),
      run: () => setLanguage(language.value === 'fr' ? 'en' : 'fr'),
    },
    { key: 'out', group, icon: 'back', label: t('user.sign_out'), run: leaveForGood },
  ];
}

/**
 * @param {typeof SOURCES[number]} source @param {string} text @param {AbortSignal} signal @param {(url: string) => void} route
 * @returns {Promise<Entry[]>} nothing when this user may not look there
 */
async function look({ resource, icon, label, note }, text, signal, route) {
  if (!recordsPage) return [];
  try {
    const { data } = await get(`/${resource}${query({ q: text, limit: 5 })}`, { signal });
    return data.items.map((/** @type {any} */ row) => ({
      key: row.id,
      group: t(`palette.${resource}`),
      label: label(row) ?? row.id,
      note: note(row),
      icon,
      run: () => route(recordPath(resource, row.id)),
    }));
  } catch {
    return [];
  }
}

/** @param {Entry[]} entries in the order of the sources, however the answers came */
const inOrder = (entries) => {
  const groups = SOURCES.map((source) => t(`palette.${source.resource}`));
  return entries.sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
};
