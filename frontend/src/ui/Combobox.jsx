import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { Field } from './Field.jsx';
import { Icon } from './Icon.jsx';

/** @typedef {{value: string, label: string, note?: string}} Option */

/**
 * A choice among many by typing (ARIA combobox): options given, or searched for at each pause in typing.
 * @param {{label: string, value: Option | null, onChange: (option: Option | null) => void, options?: Option[],
 *   search?: (text: string, signal: AbortSignal) => Promise<Option[]>, hint?: string, error?: string | null, required?: boolean,
 *   optional?: boolean, hideLabel?: boolean, placeholder?: string, clearable?: boolean, autofocus?: boolean, name?: string}} props
 *   `search`: asked with the text typed (empty at first); overrides `options`
 */
export function Combobox(props) {
  const { value, onChange, options = [], search, clearable = true } = props;
  const list = useId();
  const box = /** @type {import('preact').RefObject<HTMLDivElement>} */ (useRef(/** @type {any} */ (null)));
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [found, setFound] = useState(/** @type {Option[] | null} */ (null));
  const [active, setActive] = useState(0);

  useEffect(() => {
    if (!open || !search) return;
    const controller = new AbortController();
    const wait = setTimeout(
      () => {
        search(typed ?? '', controller.signal).then(
          (result) => !controller.signal.aborted && setFound(result),
          () => !controller.signal.aborted && setFound([]),
        );
      },
      typed === null ? 0 : 180,
    );
    return () => {
      clearTimeout(wait);
      controller.abort();
    };
  }, [open, typed, search]);

  const shown = search ? (found ?? []) : matching(options, typed ?? '');
  const close = () => {
    setOpen(false);
    setTyped(null);
    setActive(0);
  };
  const choose = (/** @type {Option | null} */ option) => {
    onChange(option);
    close();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((now) => (now + step + shown.length) % Math.max(1, shown.length));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      if (shown[active]) choose(shown[active]);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  return (
    <Field
      label={props.label}
      hint={props.hint}
      error={props.error}
      required={props.required}
      optional={props.optional}
      hideLabel={props.hideLabel}
    >
      {(attributes) => (
        <div
          class="combobox"
          ref={box}
          onFocusOut={(event) => !box.current?.contains(/** @type {Node} */ (event.relatedTarget)) && close()}
        >
          <input
            {...attributes}
            type="text"
            role="combobox"
            name={props.name}
            autocomplete="off"
            spellcheck={false}
            autofocus={props.autofocus}
            aria-expanded={open}
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={open && shown[active] ? `${list}-${active}` : undefined}
            placeholder={props.placeholder ?? t('ui.choose')}
            value={typed ?? value?.label ?? ''}
            onClick={() => setOpen(true)}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setActive(0);
              setOpen(true);
            }}
            onKeyDown={onKeyDown}
          />
          {clearable && value && !props.required ? (
            <button
              type="button"
              class="combobox-clear"
              aria-label={`${t('ui.clear')}, ${props.label}`}
              onClick={() => choose(null)}
            >
              <Icon name="close" size={14} />
            </button>
          ) : (
            <Icon name="down" size={14} />
          )}
          <ul class="options" id={list} role="listbox" aria-label={props.label} hidden={!open}>
            {shown.map((option, i) => (
              <li
                key={option.value}
                id={`${list}-${i}`}
                role="option"
                aria-selected={option.value === value?.value}
                class={i === active ? 'active' : ''}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(option)}
              >
                {option.label}
                {option.note ? <small>{option.note}</small> : null}
              </li>
            ))}
            {shown.length === 0 ? (
              <li class="none" role="presentation">
                {t(search && found === null ? 'ui.searching' : 'ui.no_match')}
              </li>
            ) : null}
          </ul>
        </div>
      )}
    </Field>
  );
}

/** @param {string} text lower case, without accents */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** @param {Option[]} options @param {string} text @returns {Option[]} those that hold every word typed, accents ignored */
export function matching(options, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return options.filter((option) => {
    const whole = plain(`${option.label} ${option.note ?? ''}`);
    return words.every((word) => whole.includes(word));
  });
}
