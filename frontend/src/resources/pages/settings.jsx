import { useState } from 'preact/hooks';
import { patch, post } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { recordPath, to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { loadArea, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Select, TextField } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { ErrorState, errorText, Notice, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { Digest } from '../settings/Digest.jsx';
import { Keys } from '../settings/Keys.jsx';

await loadArea('settings');

/** The company's rules, in the order one sets them; `share` is written in percent. */
const RULES = [
  { name: 'company_name' },
  { name: 'country' },
  { name: 'region' },
  { name: 'time_zone' },
  { name: 'currency' },
  { name: 'fiscal_year_start_month', number: true },
  { name: 'default_cycle_days', number: true },
  { name: 'minimum_cycle_days', number: true },
  { name: 'default_visit_cadence_days', number: true },
  { name: 'follow_up_working_days', number: true },
  { name: 'expiring_days', number: true },
  { name: 'attribution_days', number: true },
  { name: 'margin_floor', share: true },
  { name: 'discount_ceiling', share: true },
];
const PLACES = ['users', 'teams', 'business-units', 'stages'];

/** One's own password, keys and e-mails; for the administrator, the company's rules and who is in it. */
export default function Settings() {
  const admin = user.value?.role === 'admin';
  return (
    <div class="page">
      <header class="page-head">
        <h1>{t('settings.title')}</h1>
        <p>{t(admin ? 'settings.intro_admin' : 'settings.intro')}</p>
      </header>
      {admin ? (
        <>
          <Company />
          <Panel title={t('settings.people')}>
            <div class="row">
              {PLACES.map((place) => (
                <Button key={place} href={recordPath(place)}>
                  {t(`settings.${place}`)}
                </Button>
              ))}
              <Button href={to('import')}>{t('settings.import')}</Button>
            </div>
          </Panel>
        </>
      ) : null}
      <Digest />
      <Keys />
      <Password />
    </div>
  );
}

/** @param {any} value @returns {string} a share as percent, without its idle zeros */
const inPercent = (value) => (value === null ? '' : String(Number((Number(value) * 100).toFixed(4))));

/** @param {string} text @returns {string | null} percent as the share the API takes */
const asShare = (text) =>
  text.trim() ? String(Number((Number(text.replace(',', '.')) / 100).toFixed(6))) : null;

function Company() {
  const state = useQuery('/settings');
  if (!state.data && state.error) return <ErrorState error={state.error} onRetry={state.refresh} />;
  if (!state.data) return <Skeleton height="420px" />;
  return <Rules key={state.etag} settings={state.data} etag={state.etag} refresh={state.refresh} />;
}

/** @param {{settings: any, etag: string | null, refresh: () => Promise<void>}} props */
function Rules({ settings, etag, refresh }) {
  const written = Object.fromEntries(
    RULES.map(({ name, share }) => [name, share ? inPercent(settings[name]) : String(settings[name] ?? '')]),
  );
  const [fields, setFields] = useState(written);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const changes = RULES.filter(({ name }) => fields[name] !== written[name]);
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !changes.length) return;
    const body = Object.fromEntries(
      changes.map(({ name, share, number }) => {
        const text = fields[name].trim();
        return [name, share ? asShare(text) : number && text ? Number(text) : text || null];
      }),
    );
    setBusy(true);
    setProblem(null);
    setErrors({});
    try {
      await patch('/settings', body, etag);
      toast(t('settings.saved'));
      touched('settings');
      await refresh();
    } catch (error) {
      const told = /** @type {any} */ (error).fields ?? {};
      setErrors(told);
      setProblem(Object.keys(told).some((name) => name in fields) ? null : error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t('settings.company')}>
      <form class="stack" onSubmit={save} noValidate>
        {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
        <div class="settings-fields">
          {RULES.map(({ name, number, share }) => {
            const common = {
              label: t(`settings.${name}`),
              hint: t(`settings.${name}_hint`),
              value: fields[name],
              error: errors[name],
            };
            const set = (/** @type {string} */ value) => setFields({ ...fields, [name]: value });
            return name === 'fiscal_year_start_month' ? (
              <Select
                key={name}
                {...common}
                onChange={set}
                options={Array.from({ length: 12 }, (_, i) => ({
                  value: String(i + 1),
                  label: String(i + 1),
                }))}
              />
            ) : (
              <TextField
                key={name}
                {...common}
                onInput={set}
                inputMode={share ? 'decimal' : number ? 'numeric' : undefined}
              />
            );
          })}
        </div>
        <div class="row">
          <Button variant="primary" type="submit" busy={busy} disabled={!changes.length}>
            {t('ui.save')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setErrors({});
    try {
      await post('/session/password', { current, new: next });
      setCurrent('');
      setNext('');
      toast(t('settings.password_changed'));
    } catch (error) {
      const told = /** @type {any} */ (error).fields ?? {};
      setErrors(told);
      setProblem(Object.keys(told).length ? null : error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t('settings.password')}>
      <form class="stack narrow" onSubmit={save} noValidate>
        {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
        <TextField
          label={t('settings.current')}
          type="password"
          autocomplete="current-password"
          value={current}
          onInput={setCurrent}
          error={errors.current}
        />
        <TextField
          label={t('settings.new')}
          type="password"
          autocomplete="new-password"
          value={next}
          onInput={setNext}
          error={errors.new}
          hint={t('settings.new_hint')}
        />
        <div class="row">
          <Button variant="primary" type="submit" busy={busy} disabled={!current || !next}>
            {t('settings.change')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
