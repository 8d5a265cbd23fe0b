import { useState } from 'preact/hooks';
import { patch } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Select, TextField } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { ErrorState, errorText, Notice, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { monthName, Sectors, Weights } from './Spread.jsx';
import { monthsFrom, readSectors, readWeights, writeSectors, writeWeights } from './spread.js';

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
/** @param {any} value @returns {string} a share as percent, without its idle zeros */
const inPercent = (value) => (value === null ? '' : String(Number((Number(value) * 100).toFixed(4))));

/** @param {string} text @returns {string | null} percent as the share the API takes */
const asShare = (text) =>
  text.trim() ? String(Number((Number(text.replace(',', '.')) / 100).toFixed(6))) : null;

/** The rules that all figures follow. */
export default function Company() {
  const state = useQuery('/settings');
  if (!state.data && state.error) return <ErrorState error={state.error} onRetry={state.refresh} />;
  if (!state.data) return <Skeleton height="420px" />;
  return <Rules key={state.etag} settings={state.data} etag={state.etag} refresh={state.refresh} />;
}

/** @param {any} settings @returns {{fields: Record<string, string>, weights: string[], sectors: import('./spread.js').Sector[]}} */
const asTyped = (settings) => ({
  fields: Object.fromEntries(
    RULES.map(({ name, share }) => [name, share ? inPercent(settings[name]) : String(settings[name] ?? '')]),
  ),
  weights: writeWeights(settings.monthly_weights),
  sectors: writeSectors(settings.sector_cycle_days),
});

/** @param {Record<string, string>} told by the API, down to one month or sector @returns {Record<string, string>} by field */
const byField = (told) =>
  Object.fromEntries(Object.entries(told).map(([name, said]) => [name.split('.')[0], said]));

/** @param {{settings: any, etag: string | null, refresh: () => Promise<void>}} props */
function Rules({ settings, etag, refresh }) {
  const [written] = useState(() => asTyped(settings));
  const [fields, setFields] = useState(written.fields);
  const [weights, setWeights] = useState(written.weights);
  const [sectors, setSectors] = useState(written.sectors);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const same = (/** @type {unknown} */ one, /** @type {unknown} */ other) =>
    JSON.stringify(one) === JSON.stringify(other);
  const changes = RULES.filter(({ name }) => fields[name] !== written.fields[name]);
  const spread = !same(weights, written.weights);
  const cycles = !same(sectors, written.sectors);
  const changed = changes.length > 0 || spread || cycles;
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !changed) return;
    const month = spread ? readWeights(weights) : { value: null };
    const days = cycles ? readSectors(sectors, settings.sector_cycle_days) : { value: {} };
    const wrong = {
      ...('error' in month ? { monthly_weights: t(`settings.weights_${month.error}`) } : {}),
      ...('error' in days ? { sector_cycle_days: t(`settings.sectors_${days.error}`) } : {}),
    };
    setErrors(wrong);
    setProblem(null);
    if (Object.keys(wrong).length) return;
    /** @type {Record<string, unknown>} */
    const body = Object.fromEntries(
      changes.map(({ name, share, number }) => {
        const text = fields[name].trim();
        return [name, share ? asShare(text) : number && text ? Number(text) : text || null];
      }),
    );
    if (spread && 'value' in month) body.monthly_weights = month.value;
    if (cycles && 'value' in days) body.sector_cycle_days = days.value;
    setBusy(true);
    try {
      await patch('/settings', body, etag);
      toast(t('settings.saved'));
      touched('settings');
      await refresh();
    } catch (error) {
      const told = byField(/** @type {any} */ (error).fields ?? {});
      setErrors(told);
      setProblem(Object.keys(told).some((name) => name in settings) ? null : error);
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
                options={monthsFrom(1).map((month) => ({ value: String(month), label: monthName(month) }))}
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
        <Weights
          start={Number(fields.fiscal_year_start_month) || 1}
          value={weights}
          error={errors.monthly_weights}
          onChange={setWeights}
        />
        <Sectors value={sectors} error={errors.sector_cycle_days} onChange={setSectors} />
        <div class="row">
          <Button variant="primary" type="submit" busy={busy} disabled={!changed}>
            {t('ui.save')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
