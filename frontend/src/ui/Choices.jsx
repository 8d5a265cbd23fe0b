import { useId } from 'preact/hooks';
import { number } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Icon } from './Icon.jsx';

/** @typedef {{value: string, label: string, count?: number}} Choice */

/**
 * Filters one of which is on: Tout 22, Visites 4 …
 * @param {{label: string, items: Choice[], value: string, onChange: (value: string) => void}} props
 */
export const Chips = ({ label, items, value, onChange }) => (
  <div class="chips" role="group" aria-label={label}>
    {items.map((item) => (
      <button
        key={item.value}
        type="button"
        class="chip"
        aria-pressed={item.value === value}
        onClick={() => onChange(item.value)}
      >
        {item.label}
        {item.count === undefined ? null : <b>{number(item.count)}</b>}
      </button>
    ))}
  </div>
);

/**
 * What a list is limited to, each removable.
 * @param {{label: string, items: {key: string, label: string, onRemove?: () => void}[]}} props
 */
export const FilterChips = ({ label, items }) =>
  items.length ? (
    <ul class="chips plain" aria-label={label}>
      {items.map((item) => (
        <li key={item.key} class="chip fact">
          {item.label}
          {item.onRemove ? (
            <button
              type="button"
              aria-label={t('ui.remove_filter', { label: item.label })}
              onClick={item.onRemove}
            >
              <Icon name="close" size={12} />
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  ) : null;

/**
 * Two to five exclusive choices side by side.
 * @param {{label: string, items: Choice[], value: string, onChange: (value: string) => void}} props
 */
export const Segmented = ({ label, items, value, onChange }) => (
  <span class="segmented" role="group" aria-label={label}>
    {items.map((item) => (
      <button
        key={item.value}
        type="button"
        aria-pressed={item.value === value}
        onClick={() => onChange(item.value)}
      >
        {item.label}
      </button>
    ))}
  </span>
);

/**
 * Pages of one place, by tabs; the arrow keys move between them.
 * @param {{label: string, items: Choice[], value: string, onChange: (value: string) => void, children: import('preact').ComponentChildren}} props
 *   `children`: the page of the tab that is on
 */
export function Tabs({ label, items, value, onChange, children }) {
  const id = useId();
  const onKeyDown = (/** @type {KeyboardEvent & {currentTarget: HTMLElement}} */ event) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const at = items.findIndex((item) => item.value === value);
    const next = items[(at + step + items.length) % items.length];
    onChange(next.value);
    /** @type {HTMLElement | null} */ (
      event.currentTarget.querySelector(`[data-tab="${next.value}"]`)
    )?.focus();
  };
  return (
    <div class="tabbed">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button
            key={item.value}
            type="button"
            role="tab"
            id={`${id}-${item.value}`}
            data-tab={item.value}
            aria-selected={item.value === value}
            aria-controls={`${id}-page`}
            tabIndex={item.value === value ? 0 : -1}
            onClick={() => onChange(item.value)}
          >
            {item.label}
            {item.count === undefined ? null : <small>{number(item.count)}</small>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-page`} aria-labelledby={`${id}-${value}`}>
        {children}
      </div>
    </div>
  );
}
