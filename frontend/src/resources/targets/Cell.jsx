import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.js';
import { readFigure, shownFigure, typedFigure } from './figures.js';

/**
 * One figure, as in a spreadsheet: typing replaces it, Enter and the arrows keep it and move on, Escape gives it up.
 * @param {{label: string, unit: string, value: string | number | null, resolved: string | number | null, origin: string | null,
 *   changed: boolean, row: number, column: number, onPut: (value: string | null) => void, onWrong: (wrong: boolean) => void}} props
 */
export function Cell({ label, unit, value, resolved, origin, changed, row, column, onPut, onWrong }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [focused, setFocused] = useState(false);
  const read = typed === null ? null : readFigure(typed, unit);
  const error = read && 'error' in read ? t(`targets.error_${read.error}`) : null;

  const keep = () => {
    if (read && 'value' in read) {
      setTyped(null);
      onWrong(false);
      onPut(read.value);
    } else if (read) onWrong(true);
  };
  const giveUp = () => {
    setTyped(null);
    onWrong(false);
  };
  const text = typed ?? (focused ? typedFigure(value, unit) : value === null ? '' : shownFigure(value, unit));
  const from = value === null && resolved !== null ? t(`targets.from_${origin}`) : undefined;
  return (
    <input
      class={`${changed ? 'changed' : ''} ${error ? 'bad' : ''}`}
      inputMode="decimal"
      autocomplete="off"
      data-cell={`${row}:${column}`}
      aria-label={from ? `${label}, ${from}` : label}
      aria-invalid={error ? 'true' : undefined}
      title={error ?? from}
      placeholder={value === null && resolved !== null ? shownFigure(resolved, unit) : ''}
      value={text}
      onFocus={(event) => {
        setFocused(true);
        const input = event.currentTarget;
        // Once the figure is written as it is typed.
        requestAnimationFrame(() => document.activeElement === input && input.select());
      }}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => {
        setFocused(false);
        keep();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed !== null) {
          event.stopPropagation();
          giveUp();
        } else if (event.key === 'Enter') keep();
      }}
    />
  );
}
