import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { API, get, query } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { useTitle } from '../../app/dashboard.js';
import { changed, recordPath, searchOf, to } from '../../app/paths.js';
import { ownPages } from '../../app/registry.js';
import { user } from '../../app/session.js';
import { money } from '../../i18n/format.js';
import { hasText, language, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { FilterChips } from '../../ui/Choices.jsx';
import { DataTable } from '../../ui/DataTable.jsx';
import { Icon } from '../../ui/Icon.jsx';
import { bindKeys } from '../../ui/keys.js';
import { Menu } from '../../ui/Menu.jsx';
import { EmptyState, ErrorState, errorText, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { DESCRIPTIONS, mayCreate, titleOf } from '../descriptions/index.js';
import { lists } from './Back.jsx';
import { columnsOf } from './columns.jsx';
import { COUNTED } from './counted.js';
import { FilterPanel } from './FilterPanel.jsx';
import { activeIn, chipOf, paramsIn } from './filters.js';
import { Quick } from './Quick.jsx';
import { pluralOf, schemaOf } from './schema.js';
import { Views } from './Views.jsx';

const PAGE = 50;

/** The list of a resource; its address says everything of it. @param {{resource: string}} props */
export function List({ resource }) {
  const { path, url, route } = useLocation();
  const search = searchOf(url);
  const said = DESCRIPTIONS[resource];
  const schema = schemaOf(resource);
  const params = paramsIn(resource, search, said.sort);
  const active = activeIn(resource, search);
  useTitle(pluralOf(resource));
  lists.set(resource, url);
  const key = query(params);
  const { data, error, refresh } = useQuery(
    `/${resource}${query({ ...params, limit: PAGE, count: true, count_most: COUNTED })}`,
  );
  const { items, next, busy, follow } = useMore(resource, key, params, data);
  const names = useNames(active, items);
  const [picked, setPicked] = useState(/** @type {Set<string>} */ (new Set()));
  const [filtering, setFiltering] = useState(false);
  useEffect(() => setPicked(new Set()), [key]);
  useEffect(() => bindKeys({ j: () => step(1), k: () => step(-1), x: pick }), []);

  const go = (/** @type {string} */ to_) => route(`${path}${to_}`);
  const may = mayCreate(resource, user.value?.role) && schema?.creates;
  const page = said.newPage && ownPages[said.newPage] ? to(said.newPage) : `${recordPath(resource)}/new`;
  const create = may ? page : null;
  const limited = active.length > 0 || !!params.q;
  const chips = active.map((one) => ({
    key: `${one.name}=${one.value}`,
    label: chipOf(resource, one, names),
    onRemove: () => go(changed(search, { [one.name]: leftOf(active, one) })),
  }));
  if (params.q)
    chips.push({
      key: 'q',
      label: t('rec.chip_text', { value: String(params.q) }),
      onRemove: () => go(changed(search, { q: null })),
    });
  return (
    <section class="record-list" aria-labelledby="list-title">
      <header class="list-head">
        <h1 id="list-title">{pluralOf(resource)}</h1>
        <span class="list-count" role="status">
          {data ? t(data.count_more ? 'rec.count_more' : 'rec.count', { n: data.count }) : ''}
          {data?.count && data.sums ? (
            <span title={t(own('rec.sum_help', resource))}>
              {' · '}
              {t(own('rec.sum', resource), { amount: money(data.sums.base_amount) })}
            </span>
          ) : null}
        </span>
        <span class="list-tools">
          <Views resource={resource} search={search} onOpen={go} />
          <Exports resource={resource} params={params} picked={picked} />
          {create ? (
            <Button variant="primary" icon="plus" href={create}>
              {t(`rec.new.${resource}`)}
            </Button>
          ) : null}
        </span>
      </header>
      <div class="list-bar">
        {schema?.search ? (
          <Search
            key={resource}
            resource={resource}
            value={String(params.q ?? '')}
            onSearch={(q) => route(`${path}${changed(search, { q })}`, true)}
          />
        ) : null}
        <Quick resource={resource} search={search} onChange={go} />
        <Button icon="filter" onClick={() => setFiltering(true)}>
          {t('rec.filters', { n: active.length })}
        </Button>
      </div>
      <FilterChips label={t('rec.active_filters')} items={chips} />
      {picked.size ? (
        <p class="picked" role="status">
          <b>{t('rec.picked', { n: picked.size })}</b>
          <Button size="small" variant="quiet" onClick={() => setPicked(new Set())}>
            {t('rec.unpick')}
          </Button>
        </p>
      ) : null}
      {error && data ? <ErrorState error={error} since={new Date()} onRetry={refresh} /> : null}
      <div class="panel list-panel">
        {error && !data ? (
          <ErrorState error={error} onRetry={refresh} />
        ) : !data ? (
          <Skeleton lines={14} class="panel-body" />
        ) : items.length === 0 ? (
          <Nothing resource={resource} limited={limited} create={create} onClear={() => go('')} />
        ) : (
          <DataTable
            caption={pluralOf(resource)}
            columns={columnsOf(resource)}
            rows={items}
            sort={String(params.sort ?? '')}
            onSort={(sort) => go(changed(search, { sort }))}
            href={(row) => recordPath(resource, row.id)}
            rowLabel={(row) => titleOf(resource, row)}
            selected={picked}
            onSelect={setPicked}
          />
        )}
      </div>
      {next && data ? (
        <p class="list-more">
          <Button busy={busy} onClick={follow}>
            {data.count_more ? t('rec.more_of_many') : t('rec.more', { n: data.count - items.length })}
          </Button>
        </p>
      ) : null}
      {items.length ? <p class="list-keys laptop-only">{t('rec.keys')}</p> : null}
      {filtering ? (
        <FilterPanel
          resource={resource}
          active={active}
          names={names}
          onClose={() => setFiltering(false)}
          onApply={(chosen) => {
            setFiltering(false);
            const cleared = Object.fromEntries(active.map(({ name }) => [name, null]));
            go(changed(search, { ...cleared, ...chosen }));
          }}
        />
      ) : null}
    </section>
  );
}

/** A text of the resource's own, where it has one: payments are counted with tax. @param {string} key @param {string} resource */
const own = (key, resource) => (hasText(`${key}.${resource}`) ? `${key}.${resource}` : key);

/** The other values of the same filter. @param {import('./filters.js').Active[]} active @param {import('./filters.js').Active} one */
const leftOf = (active, one) =>
  active.filter((other) => other.name === one.name && other.value !== one.value).map((other) => other.value);

/**
 * The pages after the first, read one by one.
 * @param {string} resource @param {string} key of the query @param {Record<string, any>} params @param {any} first page
 */
function useMore(resource, key, params, first) {
  const of = `${resource}${key}`;
  const [more, setMore] = useState(/** @type {{of: string, pages: any[]}} */ ({ of: '', pages: [] }));
  const [busy, setBusy] = useState(false);
  const pages = more.of === of ? more.pages : [];
  const next = pages.length ? pages.at(-1).next_cursor : first?.next_cursor;
  const seen = new Set();
  // A refreshed first page may hold what a later page already showed.
  const items = [first, ...pages]
    .flatMap((page) => page?.items ?? [])
    .filter((row) => !seen.has(row.id) && seen.add(row.id));
  const follow = async () => {
    setBusy(true);
    try {
      const { data } = await get(`/${resource}${query({ ...params, limit: PAGE, cursor: next })}`);
      setMore({ of, pages: [...pages, data] });
    } catch (problem) {
      toast(errorText(problem), { tone: 'bad' });
    }
    setBusy(false);
  };
  return { items, next, busy, follow };
}

/**
 * Names of the records that filters refer to: those the rows carry, the others asked for.
 * @param {import('./filters.js').Active[]} active @param {any[]} items @returns {Record<string, string>} by id
 */
function useNames(active, items) {
  const [asked, setAsked] = useState(/** @type {Record<string, string>} */ ({}));
  /** @type {Record<string, string>} */
  const names = { ...asked };
  const refs = active.filter((one) => one.field.type === 'ref' && one.end === '');
  for (const { base, value } of refs) {
    const row = items.find((one) => one[base] === value);
    if (row?.labels?.[base]) names[value] = row.labels[base];
  }
  const unknown = refs.filter(({ value }) => !names[value]);
  const wanted = unknown.map(({ value }) => value).join();
  useEffect(() => {
    for (const { field, value } of unknown)
      get(`/${field.ref}/${encodeURIComponent(value)}`).then(
        ({ data }) => setAsked((now) => ({ ...now, [value]: titleOf(String(field.ref), data) })),
        () => setAsked((now) => ({ ...now, [value]: '?' })),
      );
  }, [wanted]);
  return names;
}

/** @param {{resource: string, value: string, onSearch: (text: string | null) => void}} props */
function Search({ resource, value, onSearch }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const wait = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  useEffect(() => setTyped(null), [value]);
  useEffect(() => () => clearTimeout(wait.current), []);
  const later = (/** @type {string} */ text) => {
    setTyped(text);
    clearTimeout(wait.current);
    wait.current = setTimeout(() => onSearch(text.trim() || null), 250);
  };
  return (
    <label class="list-search">
      <Icon name="search" size={16} />
      <span class="vh">{t('rec.search', { what: pluralOf(resource) })}</span>
      <input
        type="search"
        data-filter
        placeholder={t('rec.search_hint')}
        value={typed ?? value}
        onInput={(event) => later(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <kbd class="laptop-only">/</kbd>
    </label>
  );
}

/** This very list as a file. @param {{resource: string, params: Record<string, any>, picked: Set<string>}} props */
function Exports({ resource, params, picked }) {
  const file = (/** @type {string} */ format, /** @type {Record<string, any>} */ which) =>
    `${API}/${resource}${query({ ...which, format, dialect: format === 'csv' && language.value === 'fr' ? 'excel-fr' : null })}`;
  const some = { id: [...picked].slice(0, 100), sort: params.sort };
  /** @type {import('../../ui/Menu.jsx').MenuItem[]} */
  const items = [
    { key: 'csv', label: t('rec.export_csv'), href: file('csv', params) },
    { key: 'xlsx', label: t('rec.export_xlsx'), href: file('xlsx', params) },
  ];
  if (picked.size && picked.size <= 100)
    items.push(
      { key: 'picked-csv', label: t('rec.export_picked_csv'), href: file('csv', some) },
      { key: 'picked-xlsx', label: t('rec.export_picked_xlsx'), href: file('xlsx', some) },
    );
  return (
    <Menu
      label={t('ui.export')}
      align="end"
      items={items}
      trigger={(attributes) => (
        <Button icon="export" {...attributes}>
          {t('ui.export')}
        </Button>
      )}
    />
  );
}

/** @param {{resource: string, limited: boolean, create: string | null, onClear: () => void}} props */
function Nothing({ resource, limited, create, onClear }) {
  if (limited)
    return (
      <EmptyState
        icon="search"
        title={t('rec.no_match')}
        action={<Button onClick={onClear}>{t('rec.clear_all')}</Button>}
      >
        {t('rec.no_match_help')}
      </EmptyState>
    );
  return (
    <EmptyState
      icon="book"
      title={t('rec.empty')}
      action={
        create ? (
          <span class="row">
            <Button variant="primary" href={create}>
              {t(`rec.new.${resource}`)}
            </Button>
            {ownPages.import ? (
              <Button href={to(`import?resource=${resource}`)}>{t('rec.import')}</Button>
            ) : null}
          </span>
        ) : null
      }
    >
      {resource === 'deliveries'
        ? t('rec.empty_deliveries')
        : t(create ? 'rec.empty_help' : 'rec.empty_other')}
    </EmptyState>
  );
}

/** @returns {HTMLElement[]} the links that name the rows */
const rowLinks = () =>
  [...document.querySelectorAll('.record-list [data-row]')].map((one) => /** @type {HTMLElement} */ (one));

/** @param {1 | -1} by goes to the next row, or the one before */
function step(by) {
  const links = rowLinks();
  const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Ticks the row that has the focus. */
const pick = () =>
  /** @type {HTMLElement | null | undefined} */ (
    document.activeElement?.closest('.record-list tr')?.querySelector('.pick input')
  )?.click();
