import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, patch, post } from '../../api/client.js';
import { touched } from '../../api/query.js';
import { user } from '../../app/session.js';
import { hasText, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { ErrorState, Notice, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { titleOf } from '../descriptions/index.js';
import { bodyOf, changedIn, draftOf, isBlank } from './draft.js';
import { FieldInput } from './FieldInput.jsx';
import { formFields } from './fields.js';
import { Guard } from './guard.jsx';
import { RowsInput } from './RowsInput.jsx';
import { refusalsOf, refusalText } from './refusals.js';
import { fieldLabel, fieldOf, schemaOf } from './schema.js';

/**
 * @typedef {{resource: string, record?: any, etag?: string | null, prefill?: Record<string, any>, onSaved: (record: any) => void,
 *   onCancel?: () => void, guard?: boolean}} FormProps
 *   `record`: to change it, else one is created; `etag`: of the record as given, read when not known; `prefill`: API values;
 *   `onSaved` receives what the API answers; `guard`: asks before unsaved work is left, on by default
 */

/** Creates a record or changes one, with every field the schema lets this person write. @param {FormProps} props */
export function RecordForm(props) {
  const { resource, record } = props;
  const [read, setRead] = useState(/** @type {{record: any, etag: string | null} | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const unknown = !!record && props.etag === undefined;
  const look = () =>
    get(`/${resource}/${record.id}`, { fresh: true }).then(
      ({ data, etag }) => setRead({ record: data, etag: etag ?? null }),
      setError,
    );
  useEffect(() => {
    if (unknown) look();
  }, [record?.id]);
  if (error) return <ErrorState error={error} onRetry={look} />;
  if (unknown && !read) return <Skeleton lines={8} />;
  return <Filled {...props} record={read?.record ?? record} etag={read?.etag ?? props.etag ?? null} />;
}

/** @param {FormProps} props */
function Filled({ resource, record, etag, prefill, onSaved, onCancel, guard = true }) {
  const { main, more, rows } = useMemo(
    () => formFields(resource, !!record, user.peek()?.role),
    [resource, !!record],
  );
  const fields = useMemo(() => [...main, ...more, ...rows], [main]);
  const blank = useMemo(() => draftOf(fields, null, record ? {} : prefill), [fields]);
  const [base, setBase] = useState(() => (record ? draftOf(fields, record) : null));
  const [draft, setDraft] = useState(base ?? blank);
  const [seal, setSeal] = useState(etag ?? null);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [theirs, setTheirs] = useState(/** @type {string[] | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const form = /** @type {import('preact').RefObject<HTMLFormElement>} */ (useRef(/** @type {any} */ (null)));
  const key = useRef({ body: '', key: '' });
  // Held once it is saved, too: a second press finds nothing to do.
  const sending = useRef(false);
  const dirty = !saved && changedIn(fields, draft, base ?? blank).length > 0;
  const money = draft.currency || record?.currency || undefined;

  const set = (/** @type {string} */ name, /** @type {any} */ value) => {
    setDraft((now) => ({ ...now, [name]: value, ...dropped(fields, now, name, value) }));
    if (errors[name]) setErrors(({ [name]: _, ...others }) => others);
  };
  const refuse = (/** @type {Record<string, string>} */ found) => {
    setErrors(found);
    setTimeout(() => {
      const wrong = form.current?.querySelector('.wrong, [aria-invalid]');
      const folded = wrong?.closest('details');
      if (folded) folded.open = true;
      /** @type {HTMLElement | null | undefined} */ (
        wrong?.querySelector('input, select, textarea') ?? wrong
      )?.focus();
    });
  };

  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (sending.current) return;
    const clean = withoutBlankRows(rows, draft);
    setDraft(clean);
    const { body, errors: found } = bodyOf(fields, clean, base);
    if (Object.keys(found).length) {
      setProblem(null);
      return refuse(
        Object.fromEntries(Object.entries(found).map(([name, code]) => [name, t(`rec.${code}`)])),
      );
    }
    if (base && Object.keys(body).length === 0) return onSaved(record);
    sending.current = true;
    setBusy(true);
    setProblem(null);
    try {
      const answer = base
        ? await patch(`/${resource}/${record.id}`, body, seal)
        : await post(`/${resource}`, body, { key: keyOf(key.current, body) });
      setSaved(true);
      touched(resource);
      toast(t(base ? 'rec.saved' : 'rec.created', { title: titleOf(resource, answer.data) }));
      // Once the guard has seen that nothing is left unsaved.
      setTimeout(() => onSaved(answer.data));
    } catch (failure) {
      setProblem(failure);
      refuse(refusalsOf(failure));
      sending.current = false;
    }
    setBusy(false);
  };

  /** Somebody saved first: theirs becomes what is compared with, what one typed oneself stays. */
  const reread = async () => {
    const before = /** @type {import('./draft.js').Draft} */ (base);
    const mine = new Set(changedIn(fields, draft, before));
    const { data, etag: fresh } = await get(`/${resource}/${record.id}`, { fresh: true });
    const now = draftOf(fields, data);
    setTheirs(changedIn(fields, now, before));
    setDraft(Object.fromEntries(fields.map(({ name }) => [name, mine.has(name) ? draft[name] : now[name]])));
    setBase(now);
    setSeal(fresh);
    setProblem(null);
  };

  const input = (/** @type {import('./schema.js').SchemaField} */ field, /** @type {boolean} */ first) => (
    <FieldInput
      key={field.name}
      resource={resource}
      field={field}
      label={fieldLabel(resource, field.name)}
      value={draft[field.name]}
      onChange={(value) => set(field.name, value)}
      error={errors[field.name]}
      required={field.required}
      customer={field.name === 'customer_id' ? undefined : draft.customer_id?.value}
      money={money}
      hint={hintOf(resource, field.name)}
      autofocus={first && !record}
    />
  );
  const shown = new Set(fields.map((field) => field.name));
  const elsewhere = Object.entries(errors).filter(([name]) => !shown.has(name.split('.')[0]));
  return (
    <form class="record-form" ref={form} onSubmit={save} noValidate>
      {guard ? <Guard dirty={dirty} /> : null}
      {theirs ? (
        <Notice tone="warn" icon="warning">
          {t('rec.theirs', { fields: theirs.map((name) => fieldLabel(resource, name)).join(', ') || '–' })}
        </Notice>
      ) : null}
      {problem ? (
        <Notice
          tone="bad"
          icon="warning"
          action={
            problem.status === 412 ? (
              <Button size="small" onClick={() => reread().catch(setProblem)}>
                {t('rec.reread')}
              </Button>
            ) : null
          }
        >
          {problem.status === 412
            ? t('rec.conflict')
            : problem.errors?.length
              ? [
                  t('state.invalid'),
                  ...elsewhere.map(([name, text]) => `${nameOf(resource, name)} : ${text}`),
                ].join(' ')
              : refusalText(problem)}
        </Notice>
      ) : null}
      <div class="fields">{main.map((field, i) => input(field, i === 0))}</div>
      {rows.map((field) => (
        <RowsInput
          key={field.name}
          resource={resource}
          field={field}
          rows={draft[field.name]}
          onChange={(value) => set(field.name, value)}
          errors={errors}
          money={money}
        />
      ))}
      {more.length ? (
        <details class="more-fields">
          <summary>{t('rec.more_fields')}</summary>
          <div class="fields">{more.map((field) => input(field, false))}</div>
        </details>
      ) : null}
      <footer class="form-foot">
        {onCancel ? (
          <Button variant="quiet" onClick={onCancel}>
            {t('ui.cancel')}
          </Button>
        ) : null}
        <Button variant="primary" type="submit" busy={busy}>
          {t('ui.save')}
        </Button>
      </footer>
    </form>
  );
}

/** @param {string} resource @param {string} name possibly of something the form does not show */
const nameOf = (resource, name) => (fieldOf(resource, name) ? fieldLabel(resource, name) : name);

/** @param {string} resource @param {string} name @returns {string | undefined} */
function hintOf(resource, name) {
  const key = [`h.${resource}.${name}`, `h.${name}`].find(hasText);
  return key && t(key);
}

/** Another customer: what belonged to the one before goes. @param {import('./schema.js').SchemaField[]} fields @param {any} now @param {string} name @param {any} value */
function dropped(fields, now, name, value) {
  if (name !== 'customer_id' || !now.customer_id || now.customer_id.value === value?.value) return {};
  const own = fields.filter(
    (field) =>
      field.type === 'ref' &&
      field.name !== 'customer_id' &&
      schemaOf(/** @type {string} */ (field.ref))?.filters.some((filter) => filter.name === 'customer_id'),
  );
  return Object.fromEntries(own.map((field) => [field.name, null]));
}

/** @param {import('./schema.js').SchemaField[]} rows @param {any} draft */
const withoutBlankRows = (rows, draft) => ({
  ...draft,
  ...Object.fromEntries(
    rows.map((field) => [
      field.name,
      draft[field.name].filter((/** @type {any} */ row) => !isBlank(field, row)),
    ]),
  ),
});

/** The same key for the same body, so that sending again what may have arrived creates one. @param {{body: string, key: string}} last @param {any} body */
function keyOf(last, body) {
  const text = JSON.stringify(body);
  if (text !== last.body) Object.assign(last, { body: text, key: crypto.randomUUID() });
  return last.key;
}
