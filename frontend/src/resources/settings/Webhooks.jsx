import { useState } from 'preact/hooks';
import { useQuery } from '../../api/query.js';
import { date } from '../../i18n/format.js';
import { hasText, language, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { pluralOf } from '../engine/schema.js';
import { shownFigure } from '../targets/figures.js';
import { Listed } from './parts.jsx';
import { WebhookForm } from './WebhookForm.jsx';
import { WebhookPanel } from './WebhookPanel.jsx';
import { MOMENTS, readPatterns, stateOf } from './webhooks.js';

/** Where other systems are told of what happens here, and how it goes. For the administrator. */
export default function Webhooks() {
  const state = useQuery('/webhooks?limit=100');
  const catalogue = useQuery('/kpi');
  const teams = useQuery('/teams?limit=100&sort=name');
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState(/** @type {string | null} */ (null));
  /** @type {any[]} */
  const items = state.data?.items ?? [];
  const open = items.find((one) => one.id === shown);
  const known = { kpis: catalogue.data?.items ?? [], teams: teams.data?.items ?? [] };
  return (
    <Listed
      title={t('settings.hooks')}
      sub={t('settings.hooks_sub')}
      add={t('settings.hook_new')}
      onAdd={() => setMaking(true)}
      state={state}
      items={items}
      none={t('settings.hook_none')}
      help={t('settings.hook_none_help')}
      row={(one) => (
        <>
          <span>
            <b>{one.name}</b>
            <small class="break">{one.url}</small>
            <small>{toldOf(one, known).join(' ; ')}</small>
            <small class={stateOf(one) === 'failing' ? 'bad' : ''}>{stateText(one)}</small>
          </span>
          <Button
            size="small"
            aria-label={`${t('settings.hook_open')}, ${one.name}`}
            onClick={() => setShown(one.id)}
          >
            {t('settings.hook_open')}
          </Button>
        </>
      )}
    >
      {making ? <WebhookForm {...known} onClose={() => setMaking(false)} /> : null}
      {open ? (
        <WebhookPanel
          webhook={open}
          told={toldOf(open, known)}
          state={stateText(open)}
          onClose={() => setShown(null)}
        />
      ) : null}
    </Listed>
  );
}

/** @param {any} webhook @returns {string} */
function stateText(webhook) {
  const state = stateOf(webhook);
  const since = state === 'failing' ? webhook.failing_since : webhook.disabled_at;
  return t(`settings.hook_state_${state}`, { on: since ? date(since) : '' });
}

/**
 * What a webhook tells of, a sentence each.
 * @param {any} webhook @param {{kpis: any[], teams: any[]}} known the catalogue and the teams @returns {string[]}
 */
function toldOf(webhook, { kpis, teams }) {
  const events = readPatterns(webhook.events).map(({ resource, moments }) => {
    const what = resource === '*' ? t('settings.hook_everything') : pluralOf(resource);
    if (moments.length === MOMENTS.length) return what;
    return t('settings.hook_told', {
      what,
      when: moments.map((one) => t(`settings.hook_${one}`).toLowerCase()).join(', '),
    });
  });
  const thresholds = webhook.thresholds.map((/** @type {any} */ one) => {
    const kpi = kpis.find((other) => other.name === one.kpi);
    const own = t(`settings.hook_${one.comparison}_value`, {
      kpi: kpi?.label[language.value] ?? one.kpi,
      value: shownFigure(one.value, kpi?.unit ?? 'number'),
    });
    // Other filters than a team are written by script: their keys are shown as they are.
    const whose = Object.values(one.filters)
      .flat()
      .map((key) => teams.find((team) => team.id === key)?.name ?? key);
    const when = hasText(`settings.hook_${one.period}`) ? t(`settings.hook_${one.period}`) : one.period;
    return [own, ...whose, when.toLowerCase()].join(', ');
  });
  return [...events, ...thresholds];
}
