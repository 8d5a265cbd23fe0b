import { useState } from 'preact/hooks';
import { send } from '../../api/outbox.js';
import { addDays } from '../../app/periods.js';
import { day, today } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Chips } from '../../ui/Choices.jsx';
import { TextArea, TextField } from '../../ui/Field.jsx';
import { errorText, Notice } from '../../ui/States.jsx';
import { dropDraft, isEmpty, keepDraft, openDraft, requestOf } from './draft.js';

const OUTCOMES = ['order', 'quote', 'again', 'nothing'];

/**
 * The report of one visit: five fields, kept at each keystroke, sent now or when the network is back.
 * @param {{target: import('./draft.js').Target, was?: {fields: import('./draft.js').Fields, key: string} | null,
 *   onDone: (how: 'sent' | 'kept', fields: import('./draft.js').Fields) => void, onCancel: () => void}} props
 *   `was`: one that waits, taken up again
 */
export function Form({ target, was, onDone, onCancel }) {
  const [draft] = useState(() => was ?? openDraft(target));
  const [fields, setFields] = useState(draft.fields);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);

  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => {
    const next = { ...fields, [name]: value };
    setFields(next);
    setErrors(({ [name]: _, ...others }) => others);
    keepDraft(target, next, draft.key);
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    if (!fields.summary.trim()) {
      setErrors({ summary: t('report.summary_needed') });
      document.querySelector(/** @type {any} */ ('[name=summary]'))?.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const touches = ['visits', 'visit-reports', 'customers'];
      const { sent } = await send({
        ...requestOf(target, fields),
        label: target.name,
        touches,
        key: draft.key,
      });
      dropDraft(target);
      onDone(sent ? 'sent' : 'kept', fields);
    } catch (error) {
      const told = /** @type {any} */ (error).fields ?? {};
      setErrors(told);
      setProblem(Object.keys(told).some((name) => name in fields) ? null : error);
    } finally {
      setBusy(false);
    }
  };
  const now = today();
  const likely = [addDays(now, 7), addDays(now, 14), addDays(now, 30)];
  return (
    <form class="stack report" onSubmit={submit} noValidate>
      {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
      <TextField
        label={t('report.held_on')}
        type="date"
        max={now}
        value={fields.held_on}
        onInput={set('held_on')}
        error={errors.held_on}
      />
      <div class="stack tight">
        <TextField
          label={t('report.outcome')}
          name="outcome"
          value={fields.outcome}
          onInput={set('outcome')}
          error={errors.outcome}
          maxLength={200}
        />
        <Chips
          label={t('report.outcome')}
          value={fields.outcome}
          onChange={set('outcome')}
          items={OUTCOMES.map((code) => t(`report.outcome.${code}`)).map((text) => ({
            value: text,
            label: text,
          }))}
        />
      </div>
      <TextArea
        label={t('report.summary')}
        name="summary"
        required
        rows={4}
        value={fields.summary}
        onInput={set('summary')}
        error={errors.summary}
      />
      <TextArea
        label={t('report.customer_words')}
        name="customer_words"
        hint={t('report.customer_words_hint')}
        value={fields.customer_words}
        onInput={set('customer_words')}
        error={errors.customer_words}
      />
      <TextField
        label={t('report.next_step')}
        name="next_step"
        value={fields.next_step}
        onInput={set('next_step')}
        error={errors.next_step}
        maxLength={200}
      />
      <div class="stack tight">
        <TextField
          label={t('report.next_step_on')}
          name="next_step_on"
          type="date"
          value={fields.next_step_on}
          onInput={set('next_step_on')}
          error={errors.next_step_on}
        />
        <Chips
          label={t('report.likely_days')}
          value={fields.next_step_on}
          onChange={set('next_step_on')}
          items={likely.map((on) => ({ value: on, label: day(on) }))}
        />
      </div>
      <p class="hint" role="status">
        {isEmpty(fields) ? t('report.kept_hint') : t('report.kept')}
      </p>
      <div class="row report-actions">
        <Button variant="quiet" onClick={onCancel}>
          {t('ui.cancel')}
        </Button>
        <Button variant="primary" type="submit" busy={busy} class="push">
          {t('report.send')}
        </Button>
      </div>
    </form>
  );
}
