import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { IconButton } from './Button.jsx';

/** @typedef {{id: number, text: string, tone: 'plain'|'bad', action?: string, onAction?: () => void, lasts: number}} Note */

const notes = signal(/** @type {Note[]} */ ([]));
let last = 0;

/** @param {number} id takes a message away */
export const dismiss = (id) => {
  notes.value = notes.value.filter((note) => note.id !== id);
};

/**
 * Says something at the foot of the page, with an undo when there is one. A failure stays until it is closed.
 * @param {string} text
 * @param {{undo?: () => void, action?: {label: string, onAction: () => void}, tone?: 'plain'|'bad'}} [options]
 * @returns {number} its id, for `dismiss`
 */
export function toast(text, { undo, action, tone = 'plain' } = {}) {
  last += 1;
  const note = {
    id: last,
    text,
    tone,
    action: undo ? t('ui.undo') : action?.label,
    onAction: undo ?? action?.onAction,
    lasts: tone === 'bad' ? 0 : undo || action ? 9000 : 5000,
  };
  notes.value = [...notes.value.slice(-2), note];
  return last;
}

/** How many modal dialogs are open: everything outside the top one is out of reach, messages are shown inside it. */
export const depth = signal(0);

/**
 * Where messages are shown: in the shell, and in each dialog.
 * @param {{layer?: number}} props `layer`: how many dialogs are under this place
 */
export const Toasts = ({ layer = 0 }) => (
  <section class="toasts" aria-label={t('ui.notifications')} aria-live="polite">
    {layer === depth.value ? notes.value.map((note) => <Shown key={note.id} note={note} />) : null}
  </section>
);

/** @param {{note: Note}} props */
function Shown({ note }) {
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const hold = () => clearTimeout(timer.current);
  const run = () => {
    hold();
    if (note.lasts) timer.current = setTimeout(() => dismiss(note.id), note.lasts);
  };
  useEffect(() => {
    run();
    return hold;
  }, []);
  return (
    <div
      class={`toast ${note.tone}`}
      role={note.tone === 'bad' ? 'alert' : undefined}
      onMouseEnter={hold}
      onMouseLeave={run}
      onFocusIn={hold}
      onFocusOut={run}
    >
      <span>{note.text}</span>
      {note.action ? (
        <button
          type="button"
          class="toast-action"
          onClick={() => {
            dismiss(note.id);
            note.onAction?.();
          }}
        >
          {note.action}
        </button>
      ) : null}
      <IconButton icon="close" size="small" label={t('ui.close')} onClick={() => dismiss(note.id)} />
    </div>
  );
}
