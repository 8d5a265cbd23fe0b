import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { IconButton } from './Button.jsx';
import { beginBusy } from './busy.js';
import { depth, Toasts } from './Toast.jsx';

/**
 * @typedef {{open: boolean, onClose: () => void, title: import('preact').ComponentChildren, sub?: import('preact').ComponentChildren,
 *   footer?: import('preact').ComponentChildren, tools?: import('preact').ComponentChildren, class?: string, children?: import('preact').ComponentChildren}} DialogProps
 *   `onClose` is called on Escape, on the cross and on a press outside; the owner then sets `open` to false
 */

/** What has the focus when a window opens: its first field, else its title. */
const FIRST = '.dialog-body :is([autofocus], input, select, textarea):not(:disabled, [type=checkbox])';

/** A window over the page, on the native element: focus is held inside and given back. @param {DialogProps} props */
export function Dialog({ open, ...props }) {
  return open ? <Opened {...props} /> : null;
}

/**
 * The same from the side, a whole page on a phone: the records behind a number.
 * @param {DialogProps} props
 */
export const SidePanel = ({ class: name = '', ...props }) => <Dialog {...props} class={`side ${name}`} />;

/** @param {Omit<DialogProps, 'open'>} props */
function Opened({ onClose, title, sub, footer, tools, class: name = '', children }) {
  const ref = /** @type {import('preact').RefObject<HTMLDialogElement>} */ (
    useRef(/** @type {any} */ (null))
  );
  const id = useId();
  const [layer] = useState(() => depth.peek() + 1);
  useEffect(() => {
    const dialog = ref.current;
    depth.value = layer;
    const before = document.activeElement;
    const done = beginBusy();
    dialog?.showModal();
    /** @type {HTMLElement | null | undefined} */ (
      dialog?.querySelector(FIRST) ?? dialog?.querySelector('h2')
    )?.focus();
    return () => {
      done();
      depth.value = layer - 1;
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog ${name}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-box">
        <header>
          <div class="dialog-title">
            <h2 id={id} tabIndex={-1}>
              {title}
            </h2>
            {sub ? <p>{sub}</p> : null}
          </div>
          {tools}
          <IconButton icon="close" label={t('ui.close')} onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {footer ? <footer>{footer}</footer> : null}
        <Toasts layer={layer} />
      </div>
    </dialog>
  );
}
