import { useId } from 'preact/hooks';
import { t } from '../i18n/index.js';

/**
 * @typedef {{id: string, 'aria-describedby': string | undefined, 'aria-invalid': 'true' | undefined, required: boolean | undefined}} Control
 */

/**
 * A labelled control with its hint and its error, tied together for screen readers.
 * @param {{label: string, hint?: import('preact').ComponentChildren, error?: string | null, required?: boolean, optional?: boolean,
 *   hideLabel?: boolean, class?: string, children: (control: Control) => import('preact').ComponentChildren}} props
 *   `children` receives the attributes to put on the control
 */
export function Field({ label, hint, error, required, optional, hideLabel, class: name = '', children }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class={`field ${error ? 'wrong' : ''} ${name}`}>
      <label for={id} class={hideLabel ? 'vh' : ''}>
        {label}
        {required ? <span aria-hidden="true"> *</span> : null}
        {optional ? <small> ({t('ui.optional')})</small> : null}
      </label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? 'true' : undefined,
        required: required || undefined,
      })}
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

/**
 * @typedef {{label: string, value: string, onInput?: (value: string) => void, onChange?: (value: string) => void, hint?: import('preact').ComponentChildren,
 *   error?: string | null, required?: boolean, optional?: boolean, hideLabel?: boolean, [other: string]: any}} TextProps
 *   other attributes (`type`, `inputMode`, `autocomplete`, `name` …) go to the control
 */

/** @param {Record<string, any>} props splits a field's own props from the control's */
function parts({
  label,
  value,
  onInput,
  onChange,
  hint,
  error,
  required,
  optional,
  hideLabel,
  class: name,
  ...control
}) {
  return {
    field: { label, hint, error, required, optional, hideLabel, class: name },
    control: {
      ...control,
      value: value ?? '',
      onInput: onInput && ((/** @type {any} */ event) => onInput(event.currentTarget.value)),
      onChange: onChange && ((/** @type {any} */ event) => onChange(event.currentTarget.value)),
    },
  };
}

/** One line of text, or a date, a number, an e-mail by `type`. @param {TextProps} props */
export function TextField(props) {
  const { field, control } = parts(props);
  return <Field {...field}>{(attributes) => <input type="text" {...control} {...attributes} />}</Field>;
}

/** Several lines, growing with the text. @param {TextProps} props */
export function TextArea(props) {
  const { field, control } = parts(props);
  return <Field {...field}>{(attributes) => <textarea rows={3} {...control} {...attributes} />}</Field>;
}

/**
 * A choice in the browser's own list.
 * @param {TextProps & {options: {value: string, label: string}[], empty?: string}} props `empty`: text of the empty choice, none without it
 */
export function Select({ options, empty, ...props }) {
  const { field, control } = parts(props);
  return (
    <Field {...field}>
      {(attributes) => (
        <select {...control} {...attributes}>
          {empty === undefined ? null : <option value="">{empty}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/**
 * A box to tick.
 * @param {{label: import('preact').ComponentChildren, checked: boolean, onChange: (checked: boolean) => void, [other: string]: any}} props
 */
export const Checkbox = ({ label, checked, onChange, ...rest }) => (
  <label class="check">
    <input
      type="checkbox"
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
      {...rest}
    />
    <span>{label}</span>
  </label>
);
