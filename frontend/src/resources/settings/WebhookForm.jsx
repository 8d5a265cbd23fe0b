import { useState } from 'preact/hooks';
import { post } from '../../api/client.js';
import { touched } from '../../api/query.js';
import { currency } from '../../i18n/format.js';
import { language, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { Select, TextField } from '../../ui/Field.jsx';
import { errorText, Notice } from '../../ui/States.jsx';
import { pluralOf, RESOURCES } from '../engine/schema.js';
import { readFigure } from '../targets/figures.js';
import { Copied } from './Copied.jsx';
import { Group, Ticks } from './parts.jsx';
import { MOMENTS, patternsOf, refusedAddress } from './webhooks.js';

/** @typedef {{kpi: string, team: string, comparison: string, value: string, period: string}} Threshold as it is typed */

const PERIODS = ['this-month', 'this-quarter', 'this-year', 'last-30-days'];
/** @type {Threshold} */
const FIRST = { kpi: 'margin_rate', team: '', comparison: 'under', value: '', period: 'this-month' };
/** What an ERP asks for most comes first and open; the rest is folded. */
const COMMON = ['customers', 'orders', 'deliveries', 'invoices', 'payments', 'opportunities'];
const OTHERS = RESOURCES.filter((one) => !COMMON.includes(one));

/** A new address to tell; its secret is shown once it is made. @param {{kpis: any[], teams: any[], onClose: () => void}} props */
export function WebhookForm({ kpis, teams, onClose }) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [resources, setResources] = useState(/** @type {string[]} */ ([]));
  const [moments, setMoments] = useState(MOMENTS);
  const [thresholds, setThresholds] = useState(/** @type {Threshold[]} */ ([]));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const [secret, setSecret] = useState(/** @type {string | null} */ (null));

  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    const read = thresholds.map((one) => readFigure(one.value, unitOf(kpis, one.kpi)));
    const events = patternsOf(resources, moments, RESOURCES);
    /** @type {Record<string, string>} */
    const wrong = {};
    if (!name.trim()) wrong.name = t('settings.hook_name_missing');
    if (!url.trim()) wrong.url = t('settings.hook_url_missing');
    if (!events.length && !thresholds.length) wrong.events = t('settings.hook_nothing');
    read.forEach((one, at) => {
      if ('error' in one || one.value === null)
        wrong[`thresholds.${at}.value`] = t('settings.hook_value_wrong');
    });
    setErrors(wrong);
    setProblem(null);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    try {
      const body = {
        name: name.trim(),
        url: url.trim(),
        events,
        thresholds: thresholds.map(({ team, ...one }, at) => ({
          ...one,
          value: /** @type {any} */ (read[at]).value,
          filters: team ? { team: [team] } : {},
        })),
      };
      const { data } = await post('/webhooks', body);
      setSecret(data.secret ?? '');
      touched('webhooks');
    } catch (error) {
      const told = /** @type {Record<string, string>} */ (/** @type {any} */ (error).fields ?? {});
      const known = told.url && language.peek() === 'fr' ? refusedAddress(told.url) : null;
      const shown = known ? { ...told, url: t(known) } : told;
      setErrors(shown);
      setProblem(Object.keys(shown).some(hasPlace) ? null : error);
    }
    setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(secret === null ? 'settings.hook_new' : 'settings.hook_ready')}
      footer={
        secret === null ? (
          <>
            <Button variant="quiet" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button variant="primary" busy={busy} onClick={make}>
              {t('settings.hook_make')}
            </Button>
          </>
        ) : (
          <Button variant="primary" onClick={onClose}>
            {t('ui.close')}
          </Button>
        )
      }
    >
      {secret === null ? (
        <form class="stack" onSubmit={make} noValidate>
          {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
          <TextField
            label={t('settings.hook_name')}
            required
            value={name}
            onInput={setName}
            error={errors.name}
            maxLength={200}
          />
          <TextField
            label={t('settings.hook_url')}
            required
            type="url"
            inputMode="url"
            placeholder="https://"
            value={url}
            onInput={setUrl}
            error={errors.url}
            hint={t('settings.hook_url_hint')}
          />
          <Group legend={t('settings.hook_of')} error={errors.events} class="stack">
            <Ticks options={COMMON} label={pluralOf} chosen={resources} onChange={setResources} />
            <details>
              <summary>{t('settings.hook_others')}</summary>
              <Ticks options={OTHERS} label={pluralOf} chosen={resources} onChange={setResources} />
            </details>
          </Group>
          {resources.length ? (
            <Group legend={t('settings.hook_when')}>
              <Ticks
                options={MOMENTS}
                label={(one) => t(`settings.hook_${one}`)}
                chosen={moments}
                onChange={setMoments}
              />
            </Group>
          ) : null}
          {thresholds.map((one, at) => (
            <ThresholdFields
              key={at}
              at={at}
              value={one}
              kpis={kpis}
              teams={teams}
              errors={errors}
              onChange={(next) => setThresholds(thresholds.with(at, next))}
              onRemove={() => setThresholds(thresholds.toSpliced(at, 1))}
            />
          ))}
          <div class="row">
            <Button size="small" icon="plus" onClick={() => setThresholds([...thresholds, FIRST])}>
              {t('settings.hook_threshold_add')}
            </Button>
          </div>
        </form>
      ) : (
        <div class="stack">
          <p>{t('settings.hook_secret_once')}</p>
          <Copied text={secret} />
          <p>{t('settings.hook_next')}</p>
        </div>
      )}
    </Dialog>
  );
}

/** @param {string} field named by the API @returns {boolean} whether its message has a place in the form */
const hasPlace = (field) => /^(name|url|events|thresholds\.\d+\.(value|filters\.team))$/.test(field);

/** @param {any[]} kpis @param {string} name @returns {string} */
const unitOf = (kpis, name) => kpis.find((one) => one.name === name)?.unit ?? 'number';

/**
 * "Le taux de marge de l'équipe Nord, ce mois-ci, passe sous 18 %."
 * @param {{at: number, value: Threshold, kpis: any[], teams: any[], errors: Record<string, string>, onChange: (next: Threshold) => void, onRemove: () => void}} props
 */
function ThresholdFields({ at, value, kpis, teams, errors, onChange, onRemove }) {
  const kpi = kpis.find((one) => one.name === value.kpi);
  const set = (/** @type {Partial<Threshold>} */ part) => onChange({ ...value, ...part });
  const mark = kpi?.unit === 'ratio' ? ' (%)' : kpi?.unit === 'money' ? ` (${currency.value})` : '';
  return (
    <Group legend={t('settings.hook_threshold', { n: at + 1 })}>
      <div class="settings-fields tight">
        <Select
          label={t('settings.hook_kpi')}
          value={value.kpi}
          onChange={(next) => set({ kpi: next })}
          options={kpis.map((one) => ({ value: one.name, label: one.label[language.value] }))}
        />
        <Select
          label={t('settings.hook_whose')}
          value={value.team}
          onChange={(next) => set({ team: next })}
          empty={t('settings.hook_company')}
          error={errors[`thresholds.${at}.filters.team`]}
          options={teams.map((one) => ({ value: one.id, label: one.name }))}
        />
        <Select
          label={t('settings.hook_period')}
          value={value.period}
          onChange={(next) => set({ period: next })}
          options={PERIODS.map((one) => ({ value: one, label: t(`settings.hook_${one}`) }))}
        />
        <Select
          label={t('settings.hook_side')}
          value={value.comparison}
          onChange={(next) => set({ comparison: next })}
          options={['under', 'over'].map((one) => ({ value: one, label: t(`settings.hook_${one}`) }))}
        />
        <TextField
          label={`${t('settings.hook_value')}${mark}`}
          required
          inputMode="decimal"
          value={value.value}
          onInput={(next) => set({ value: next })}
          error={errors[`thresholds.${at}.value`]}
        />
      </div>
      <div class="row">
        <Button
          size="small"
          variant="quiet"
          aria-label={`${t('settings.hook_threshold_remove')}, ${at + 1}`}
          onClick={onRemove}
        >
          {t('settings.hook_threshold_remove')}
        </Button>
      </div>
    </Group>
  );
}
