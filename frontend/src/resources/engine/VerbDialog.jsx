import { useRef, useState } from 'preact/hooks';
import { post } from '../../api/client.js';
import { today } from '../../i18n/format.js';
import { hasText, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Segmented } from '../../ui/Choices.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { Checkbox, TextField } from '../../ui/Field.jsx';
import { Notice } from '../../ui/States.jsx';
import { titleOf } from '../descriptions/index.js';
import { NotANumber, readDecimal } from './decimals.js';
import { bodyOf, draftOf } from './draft.js';
import { FieldInput } from './FieldInput.jsx';
import { refusalsOf, refusalText } from './refusals.js';
import { fieldLabel, schemaOf } from './schema.js';

const TECHNICAL = new Set(['external_id', 'number', 'author_id']);
/** Days that are today unless one says otherwise. */
const TODAY = new Set(
  'sent_on decided_on closed_on on held_on cancelled_on issued_on delivered_on paid_on occurred_on qualified_on converted_on done_on'.split(
    ' ',
  ),
);

/**
 * What an action needs to know before it is done: the fields that the API takes for it.
 * @param {{resource: string, record: any, verb: string, onClose: () => void, onDone: (answer: any) => void}} props
 */
export function VerbDialog({ resource, record, verb, onClose, onDone }) {
  const known = schemaOf(resource)?.verbs[verb]?.fields ?? [];
  const fields = known
    .filter(
      ({ name, type }) =>
        !TECHNICAL.has(name) && type !== 'rows' && !(name === 'win_opportunity' && !record.opportunity_id),
    )
    .sort((a, b) => Number(TODAY.has(a.name)) - Number(TODAY.has(b.name)));
  const lines = known.find((field) => field.name === 'lines');
  const along = known.find((field) => field.name === 'opportunity');
  const [draft, setDraft] = useState(() =>
    draftOf(fields, null, { ...dated(fields), ...initial(resource, record, verb) }),
  );
  const [makes, setMakes] = useState(true);
  const [parts, setParts] = useState(/** @type {Record<string, string> | null} */ (null));
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const sending = useRef(false);
  const label = t(`v.${resource}.${verb}`);
  const help = `rec.act_help.${verb}`;
  const says = hasText(help) && !(verb === 'close' && resource !== 'orders');

  const go = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (sending.current) return;
    const { body, errors: found } = bodyOf(fields, draft, null);
    if (parts) {
      const { rows, wrong } = quantitiesOf(parts);
      if (wrong.length) found.lines = 'number';
      body.lines = rows;
    }
    if (Object.keys(found).length)
      return setErrors(
        Object.fromEntries(Object.entries(found).map(([name, code]) => [name, t(`rec.${code}`)])),
      );
    if (along && makes) body.opportunity = {};
    sending.current = true;
    setBusy(true);
    try {
      const { data } = await post(`/${resource}/${record.id}/${verb}`, body);
      onDone(data);
    } catch (failure) {
      setProblem(failure);
      setErrors(refusalsOf(failure));
      sending.current = false;
      setBusy(false);
    }
  };
  const shown = new Set(fields.map((field) => field.name));
  const unplaced = Object.entries(errors).filter(([name]) => !shown.has(name));
  return (
    <Dialog
      open
      onClose={onClose}
      title={label}
      sub={titleOf(resource, record)}
      footer={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button variant="primary" busy={busy} onClick={go}>
            {label}
          </Button>
        </>
      }
    >
      <form class="stack" onSubmit={go} noValidate>
        {says ? <p>{t(help)}</p> : null}
        {problem && (unplaced.length || !problem.errors?.length) ? (
          <Notice tone="bad" icon="warning">
            {unplaced.length ? unplaced.map(([, text]) => text).join(' ') : refusalText(problem)}
          </Notice>
        ) : null}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            resource={resource}
            field={field}
            label={fieldLabel(resource, field.name)}
            value={draft[field.name]}
            onChange={(value) => setDraft((now) => ({ ...now, [field.name]: value }))}
            required={field.required}
            error={errors[field.name]}
            money={record.currency}
            customer={record.customer_id}
            hint={hintOf(field, verb)}
          />
        ))}
        {along ? <Checkbox label={t('f.opportunity')} checked={makes} onChange={setMakes} /> : null}
        {lines ? (
          <Quantities
            lines={record.lines ?? []}
            parts={parts}
            onChange={setParts}
            error={errors.lines}
            done={verb === 'invoice' ? 'invoiced' : 'delivered'}
          />
        ) : null}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** What is already known of the answer. @param {string} resource @param {any} record @param {string} verb @returns {Record<string, any>} */
function initial(resource, record, verb) {
  if (verb === 'stage') return { stage_id: record.stage_id };
  if (verb === 'reschedule') return { planned_on: record.planned_on, planned_time: record.planned_time };
  if (verb === 'send') return { expires_on: record.expires_on, next_follow_up_on: record.next_follow_up_on };
  if (verb === 'snooze') return { due_on: record.due_on };
  if (verb === 'convert') return { customer_id: record.customer_id };
  return resource === 'quotes' && verb === 'accept' ? { win_opportunity: !!record.opportunity_id } : {};
}

/** @param {import('./schema.js').SchemaField[]} fields @returns {Record<string, string>} */
const dated = (fields) =>
  Object.fromEntries(fields.filter(({ name }) => TODAY.has(name)).map(({ name }) => [name, today()]));

/** @param {import('./schema.js').SchemaField} field @param {string} verb @returns {string | undefined} */
function hintOf(field, verb) {
  if (verb === 'convert' && field.name === 'customer_id') return t('rec.new_customer');
  if (field.name === 'amount') return t('rec.all_owed');
  return hasText(`h.${field.name}`) ? t(`h.${field.name}`) : undefined;
}

/** @param {Record<string, string>} parts quantities as typed, by line @returns {{rows: {line_id: string, quantity: string}[], wrong: string[]}} */
export function quantitiesOf(parts) {
  /** @type {{line_id: string, quantity: string}[]} */
  const rows = [];
  const wrong = [];
  for (const [id, text] of Object.entries(parts)) {
    try {
      const quantity = readDecimal(text);
      if (quantity !== null && Number(quantity) !== 0) rows.push({ line_id: id, quantity });
    } catch (error) {
      if (!(error instanceof NotANumber)) throw error;
      wrong.push(id);
    }
  }
  return { rows, wrong };
}

/**
 * All that is left, or a quantity for each line.
 * @param {{lines: any[], parts: Record<string, string> | null, onChange: (parts: Record<string, string> | null) => void, error?: string, done: string}} props
 */
function Quantities({ lines, parts, onChange, error, done }) {
  return (
    <fieldset class="rows-edit">
      <legend class="vh">{t('f.quantity')}</legend>
      <Segmented
        label={t('f.quantity')}
        value={parts ? 'some' : 'all'}
        onChange={(value) => onChange(value === 'all' ? null : {})}
        items={[
          { value: 'all', label: t('rec.whole') },
          { value: 'some', label: t('rec.some') },
        ]}
      />
      {parts
        ? lines.map((line, i) => {
            const name = line.description ?? t('rec.line', { n: i + 1 });
            return (
              <TextField
                key={line.id}
                class="short"
                inputMode="decimal"
                label={name}
                hint={[line[done] ?? null, line.quantity].filter((one) => one !== null).join(' / ')}
                value={parts[line.id] ?? ''}
                onInput={(value) => onChange({ ...parts, [line.id]: value })}
              />
            );
          })
        : null}
      {error ? <p class="field-error">{error}</p> : null}
    </fieldset>
  );
}
