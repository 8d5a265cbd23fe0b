import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { beginBusy } from './busy.js';
import { Icon } from './Icon.jsx';

/**
 * Something that opens under a button and closes on Escape, on a press elsewhere and when focus leaves.
 * @param {{trigger: (attributes: Record<string, any>) => import('preact').ComponentChildren, align?: 'start'|'end', class?: string, role?: 'dialog' | 'menu',
 *   label?: string, children: (close: () => void) => import('preact').ComponentChildren}} props `trigger` receives the attributes of its button
 */
export function Popover({ trigger, align = 'start', class: name = '', role = 'dialog', label, children }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const root = /** @type {import('preact').RefObject<HTMLSpanElement>} */ (useRef(/** @type {any} */ (null)));
  const box = /** @type {import('preact').RefObject<HTMLDivElement>} */ (useRef(/** @type {any} */ (null)));
  const close = () => {
    if (box.current?.contains(document.activeElement)) root.current?.querySelector('button')?.focus();
    setOpen(false);
  };
  useLayoutEffect(() => {
    if (!open) return;
    const element = /** @type {HTMLDivElement} */ (box.current);
    element.showPopover?.();
    place(/** @type {HTMLElement} */ (root.current?.firstElementChild), element, align);
    const done = beginBusy();
    const away = (/** @type {Event} */ event) => {
      if (!root.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    const gone = (/** @type {Event} */ event) =>
      event.target instanceof Node && !element.contains(event.target) && setOpen(false);
    addEventListener('pointerdown', away);
    addEventListener('scroll', gone, true);
    addEventListener('resize', close);
    return () => {
      done();
      removeEventListener('pointerdown', away);
      removeEventListener('scroll', gone, true);
      removeEventListener('resize', close);
    };
  }, [open]);
  return (
    <span
      class="popover-root"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
      onFocusOut={(event) =>
        event.relatedTarget &&
        !root.current?.contains(/** @type {Node} */ (event.relatedTarget)) &&
        setOpen(false)
      }
    >
      {trigger({
        'aria-expanded': open,
        'aria-haspopup': role === 'menu' ? 'menu' : 'dialog',
        'aria-controls': open ? id : undefined,
        onClick: () => setOpen(!open),
      })}
      {open ? (
        <div id={id} ref={box} popover="manual" class={`popover ${name}`} role={role} aria-label={label}>
          {children(close)}
        </div>
      ) : null}
    </span>
  );
}

/** @param {HTMLElement} anchor @param {HTMLElement} box @param {'start'|'end'} align */
function place(anchor, box, align) {
  const at = anchor.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const left = align === 'end' ? at.right - size.width : at.left;
  const below = at.bottom + 6 + size.height < innerHeight || at.top < size.height + 6;
  box.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - size.width - 8))}px`;
  box.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - size.height - 6)}px`;
}

/**
 * @typedef {{key: string, label: import('preact').ComponentChildren, icon?: string, href?: string, onSelect?: () => void, checked?: boolean,
 *   danger?: boolean, disabled?: boolean} | {key: string, heading: string} | {key: string, divider: true}} MenuItem
 */

/**
 * A menu of actions or of choices (those with `checked`), moved through by the arrow keys.
 * @param {{label: string, items: MenuItem[], trigger: (attributes: Record<string, any>) => import('preact').ComponentChildren, align?: 'start'|'end'}} props
 */
export const Menu = ({ label, items, trigger, align }) => (
  <Popover trigger={trigger} align={align} class="menu" role={/** @type {const} */ ('menu')} label={label}>
    {(close) => <MenuItems items={items} close={close} />}
  </Popover>
);

/** @param {{items: MenuItem[], close: () => void}} props */
function MenuItems({ items, close }) {
  const ref = /** @type {import('preact').RefObject<HTMLUListElement>} */ (useRef(/** @type {any} */ (null)));
  const all = () =>
    /** @type {HTMLElement[]} */ ([
      ...(ref.current?.querySelectorAll('[role^=menuitem]:not([aria-disabled])') ?? []),
    ]);
  useEffect(() => {
    const list = all();
    (list.find((item) => item.getAttribute('aria-checked') === 'true') ?? list[0])?.focus();
  }, []);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const list = all();
    const at = list.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 };
    if (event.key === 'Tab') return close();
    let next = moves[event.key];
    if (next === undefined && event.key.length === 1 && !event.ctrlKey && event.key !== ' ') {
      const letter = event.key.toLowerCase();
      next = list.findIndex((item, i) => i > at && item.textContent?.toLowerCase().startsWith(letter));
      if (next < 0) next = list.findIndex((item) => item.textContent?.toLowerCase().startsWith(letter));
      if (next < 0) return;
    }
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    list[(next + list.length) % list.length]?.focus();
  };
  return (
    <ul ref={ref} role="presentation" onKeyDown={onKeyDown}>
      {items.map((item) => {
        if ('divider' in item) return <li key={item.key} role="separator" />;
        if ('heading' in item)
          return (
            <li key={item.key} class="menu-heading" role="presentation">
              {item.heading}
            </li>
          );
        return <Item key={item.key} item={item} close={close} />;
      })}
    </ul>
  );
}

/** @param {{item: Extract<MenuItem, {label: any}>, close: () => void}} props */
function Item({ item, close }) {
  const choice = item.checked !== undefined;
  /** @type {any} */
  const attributes = {
    role: choice ? 'menuitemradio' : 'menuitem',
    'aria-checked': choice ? item.checked : undefined,
    'aria-disabled': item.disabled || undefined,
    tabIndex: -1,
    class: `menu-item ${item.danger ? 'bad' : ''}`,
    onClick: () => {
      if (item.disabled) return;
      close();
      item.onSelect?.();
    },
  };
  const content = (
    <>
      {choice ? (
        <span class="menu-check">{item.checked ? <Icon name="check" size={16} /> : null}</span>
      ) : null}
      {item.icon ? <Icon name={item.icon} size={16} /> : null}
      <span>{item.label}</span>
    </>
  );
  return (
    <li role="presentation">
      {item.href ? (
        <a href={item.href} {...attributes}>
          {content}
        </a>
      ) : (
        <button type="button" {...attributes}>
          {content}
        </button>
      )}
    </li>
  );
}
