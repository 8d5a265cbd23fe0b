import { useEffect, useMemo, useState } from 'preact/hooks';
import { liveState } from '../api/query.js';
import { day, hour } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Button, IconButton } from '../ui/Button.jsx';
import { FilterChips, Segmented } from '../ui/Choices.jsx';
import { Menu } from '../ui/Menu.jsx';
import { Notice } from '../ui/States.jsx';
import { askChoices, narrowed } from './choices.js';
import { Lazily } from './Lazily.jsx';
import { BELOW, everyone, KINDS, nameOf, useScope, WHO } from './scope.js';
import { user } from './session.js';

/**
 * @typedef {import('./choices.js').Choice} Choice
 * @typedef {import('./choices.js').Choices} Choices
 */

const loadFilters = () => import('./ScopeFilters.jsx');

/** Which choices each role has: nobody is offered what they may not see. @type {Record<string, readonly ('business_unit'|'team'|'rep')[]>} */
const OFFERED = {
  rep: [],
  manager: ['team', 'rep'],
  director: WHO,
  admin: WHO,
  marketing: WHO,
};

/**
 * The one place where the scope of a screen is chosen. All of it is in the address.
 * @param {{choices?: Choices | null, at?: Date | null, stale?: boolean, loading?: boolean, periods?: boolean, compare?: boolean, who?: boolean,
 *   start?: import('preact').ComponentChildren, actions?: import('preact').ComponentChildren}} props
 *   `choices`: when the screen's answer brings them; `at`: when what is shown was received; `start`: before the filters (a day's arrows)
 */
export function ScopeBar({
  choices,
  at,
  stale,
  loading,
  periods = true,
  compare = true,
  who = true,
  start,
  actions,
}) {
  const scope = useScope();
  const role = user.value?.role ?? 'rep';
  const offered = who ? OFFERED[role] : [];
  const [loaded, setLoaded] = useState(/** @type {Choices | null} */ (null));
  const [filters, setFilters] = useState(false);
  const named = offered.some((name) => scope.one(name));
  const need = () => {
    if (!choices && !loaded) askChoices().then(setLoaded);
  };
  useEffect(() => {
    if (named) need();
  }, [named]);
  const openFilters = () => {
    need();
    setFilters(true);
  };
  const all = choices ?? loaded;
  const lists = useMemo(
    () => narrowed(all, scope.one('business_unit'), scope.one('team')),
    [all, scope.query],
  );

  return (
    <div class="scope">
      <div class="scope-bar" role="group" aria-label={t('scope.label')}>
        {start}
        {offered.map((name) => (
          <WhoMenu key={name} name={name} list={lists?.[name] ?? null} scope={scope} onOpen={need} />
        ))}
        {periods ? (
          <>
            <span class="laptop-only">
              <Segmented
                label={t('scope.period')}
                items={KINDS.map((kind) => ({ value: kind, label: t(`scope.${kind}`) }))}
                value={scope.period?.kind ?? ''}
                onChange={(kind) => scope.setKind(/** @type {any} */ (kind))}
              />
            </span>
            <span class="scope-period">
              <IconButton
                icon="left"
                label={t('scope.previous')}
                disabled={!scope.period}
                onClick={() => scope.shift(-1)}
              />
              <span aria-live="polite">{scope.periodName}</span>
              <IconButton
                icon="right"
                label={t('scope.next')}
                disabled={!scope.period}
                onClick={() => scope.shift(1)}
              />
            </span>
          </>
        ) : null}
        <Button class="scope-more" icon="filter" onClick={openFilters}>
          {t('scope.filters', { n: scope.count })}
        </Button>
        <span class="scope-end">
          <Freshness at={at} stale={stale} loading={loading} />
          {actions}
        </span>
      </div>
      {scope.asOf ? (
        <Notice
          tone="warn"
          icon="clock"
          action={
            <Button size="small" onClick={() => scope.set({ as_of: null })}>
              {t('scope.as_of_clear')}
            </Button>
          }
        >
          {t('scope.as_of_banner', { date: day(scope.asOf) })}
        </Notice>
      ) : null}
      <p class="print-only">{[scope.periodName, ...scopeWords(scope, lists)].join(', ')}</p>
      {filters ? (
        <Lazily
          load={loadFilters}
          onClose={() => setFilters(false)}
          scope={scope}
          lists={lists}
          offered={offered}
          periods={periods}
          compare={compare}
        />
      ) : null}
    </div>
  );
}

/** @param {{name: 'business_unit'|'team'|'rep', list: Choice[] | null, scope: import('./scope.js').Scope, onOpen: () => void}} props */
function WhoMenu({ name, list, scope, onOpen }) {
  const chosen = scope.one(name);
  const choose = (/** @type {string | null} */ id) => scope.set({ ...BELOW[name], [name]: id });
  return (
    <span class="laptop-only">
      <Menu
        label={t(`scope.${name}`)}
        trigger={({ onClick, ...attributes }) => (
          <button
            type="button"
            class="select-button"
            {...attributes}
            onClick={() => {
              onOpen();
              onClick();
            }}
          >
            <small>{t(`scope.${name}`)}</small> <b>{nameOf(name, list, chosen)}</b>
          </button>
        )}
        items={[
          { key: 'all', label: everyone(name), checked: !chosen, onSelect: () => choose(null) },
          ...(list ?? []).map((one) => ({
            key: one.id,
            label: one.name,
            checked: one.id === chosen,
            onSelect: () => choose(one.id),
          })),
        ]}
      />
    </span>
  );
}

/** How fresh the figures are. @param {{at?: Date | null, stale?: boolean, loading?: boolean}} props */
function Freshness({ at, stale, loading }) {
  if (!at) return null;
  const state = stale ? 'stale' : liveState.value === 'live' ? 'on' : 'polling';
  return (
    <span
      class={`live ${state} ${loading ? 'loading' : ''}`}
      title={loading ? t('live.updating') : undefined}
    >
      <i aria-hidden="true" />
      {t(`live.${state}`, { hour: hour(at) })}
    </span>
  );
}

/** @param {import('./scope.js').Scope} scope @param {Choices | null} lists */
const scopeWords = (scope, lists) =>
  WHO.filter((name) => scope.one(name)).map(
    (name) => `${t(`scope.${name}`)} ${nameOf(name, lists?.[name] ?? null, scope.one(name))}`,
  );

/**
 * The scope as chips, for the side panel that shows the records behind a number.
 * @param {{choices?: Choices | null, period?: boolean}} props `period`: false where the records have days of their own
 */
export function ScopeChips({ choices = null, period = true }) {
  const scope = useScope();
  const [lists, setLists] = useState(choices);
  const named = WHO.some((name) => scope.one(name));
  useEffect(() => {
    if (named && !choices) askChoices().then(setLists);
  }, [named]);
  const items = [
    period ? scope.periodName : '',
    ...scopeWords(scope, lists),
    scope.asOf ? `${t('scope.as_of')} ${day(scope.asOf)}` : '',
  ];
  return (
    <FilterChips
      label={t('scope.label')}
      items={items.filter(Boolean).map((label) => ({ key: label, label }))}
    />
  );
}
