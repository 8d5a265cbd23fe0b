import { useMemo } from 'preact/hooks';
import { useQuery } from '../../api/query.js';
import { currency } from '../../i18n/format.js';
import { LOCALES, language, t } from '../../i18n/index.js';
import { FilterChips } from '../../ui/Choices.jsx';
import { Combobox } from '../../ui/Combobox.jsx';
import { Checkbox, Select, TextArea, TextField } from '../../ui/Field.jsx';
import { titleOf } from '../descriptions/index.js';
import { labelOf, searchIn } from './reference.js';
import { optionLabel } from './schema.js';

/**
 * @typedef {{resource: string, field: import('./schema.js').SchemaField, label: string, value: any, onChange: (value: any) => void,
 *   error?: string | null, hideLabel?: boolean, required?: boolean, customer?: string, autofocus?: boolean, hint?: string, money?: string}} InputProps
 *   `value` as in a draft; `customer`: limits the records offered; `money`: currency of the amounts
 */

/** @type {Partial<Record<import('../../../tools/schema.js').FieldType, Record<string, string>>>} attributes of a plain control */
const PLAIN = {
  date: { type: 'date' },
  time: { type: 'time' },
  email: { type: 'email', inputMode: 'email' },
  phone: { type: 'tel', inputMode: 'tel' },
  url: { type: 'url', inputMode: 'url', placeholder: 'https://' },
  password: { type: 'password', autocomplete: 'new-password' },
  integer: { inputMode: 'numeric', class: 'short' },
  decimal: { inputMode: 'decimal', class: 'short' },
  ratio: { inputMode: 'decimal', class: 'short' },
  money: { inputMode: 'decimal', class: 'short' },
};

/** What an amount is counted in. @param {import('./schema.js').SchemaField} field @param {string} [code] @returns {string} */
const unitOf = (field, code) =>
  field.type === 'ratio' ? ' (%)' : field.type === 'money' ? ` (${code ?? currency.value})` : '';

/** The control of a field, by its type. @param {InputProps} props */
export function FieldInput(props) {
  const { resource, field, value, onChange, error, hideLabel, required, autofocus, hint } = props;
  const label = props.label + unitOf(field, props.money);
  const shared = { label, error, hideLabel, required, hint, autofocus, name: field.name };
  if (field.type === 'boolean')
    return (
      <div class="field box">
        <Checkbox label={label} checked={value} onChange={onChange} name={field.name} />
        {error ? <p class="field-error">{error}</p> : null}
      </div>
    );
  if (field.type === 'enum')
    return (
      <Select
        {...shared}
        value={value}
        onChange={onChange}
        empty={field.initial === undefined || value === '' ? '' : undefined}
        options={(field.options ?? []).map((one) => ({
          value: one,
          label: optionLabel(resource, field.name, one),
        }))}
      />
    );
  if (field.type === 'ref') return <Reference {...props} label={label} />;
  if (field.type === 'refs') return <References {...props} label={label} />;
  if (field.type === 'currency') return <Currency {...shared} value={value} onChange={onChange} />;
  if (field.type === 'long') return <TextArea {...shared} rows={4} value={value} onInput={onChange} />;
  return (
    <TextField
      autocomplete="off"
      maxLength={field.max}
      {...PLAIN[field.type]}
      {...shared}
      class={`${PLAIN[field.type]?.class ?? ''}`}
      value={value}
      onInput={onChange}
    />
  );
}

/** A record chosen by typing. @param {InputProps} props */
function Reference({ field, label, value, onChange, error, hideLabel, required, customer, autofocus, hint }) {
  const ref = /** @type {string} */ (field.ref);
  const search = useMemo(() => searchIn(ref, customer), [ref, customer]);
  const shown = useNamed(ref, value);
  return (
    <Combobox
      label={label}
      name={field.name}
      value={shown}
      search={search}
      onChange={onChange}
      error={error}
      hideLabel={hideLabel}
      required={required}
      autofocus={autofocus}
      hint={hint}
    />
  );
}

/**
 * A reference with its label, asked for when only its id is known.
 * @param {string} ref @param {import('./draft.js').Option | null} value @returns {import('./draft.js').Option | null}
 */
export function useNamed(ref, value) {
  const { data } = useQuery(value && !value.label ? `/${ref}/${encodeURIComponent(value.value)}` : null);
  if (!value) return null;
  return { ...value, label: labelOf(ref, value.label) || (data ? titleOf(ref, data) : '…') };
}

/** Several records. @param {InputProps} props */
function References({ field, label, value, onChange, error, hint }) {
  const ref = /** @type {string} */ (field.ref);
  const search = useMemo(() => searchIn(ref, undefined), [ref]);
  const chosen = /** @type {import('./draft.js').Option[]} */ (value);
  const unknown = chosen.filter((one) => !one.label).map((one) => one.value);
  const { data } = useQuery(
    unknown.length
      ? `/${ref}?limit=100&${unknown
          .slice(0, 100)
          .map((id) => `id=${id}`)
          .join('&')}`
      : null,
  );
  const names = new Map((data?.items ?? []).map((/** @type {any} */ row) => [row.id, titleOf(ref, row)]));
  return (
    <div class="several">
      <Combobox
        label={label}
        name={field.name}
        value={null}
        search={search}
        error={error}
        hint={hint}
        placeholder={t('rec.add_one')}
        onChange={(one) =>
          one && !chosen.some((other) => other.value === one.value) && onChange([...chosen, one])
        }
      />
      <FilterChips
        label={label}
        items={chosen.map((one) => ({
          key: one.value,
          label: String(one.label || (names.get(one.value) ?? '…')),
          onRemove: () => onChange(chosen.filter((other) => other.value !== one.value)),
        }))}
      />
    </div>
  );
}

/** @param {{label: string, value: string, onChange: (value: string) => void, [other: string]: any}} props */
function Currency({ value, onChange, ...rest }) {
  const options = useMemo(() => {
    const names = new Intl.DisplayNames(LOCALES[language.value], { type: 'currency' });
    return Intl.supportedValuesOf('currency').map((code) => ({
      value: code,
      label: code,
      note: names.of(code),
    }));
  }, [language.value]);
  const { label, ...others } = rest;
  return (
    <Combobox
      {...others}
      label={label}
      options={options}
      value={value ? { value, label: value } : null}
      onChange={(one) => onChange(one?.value ?? '')}
    />
  );
}
