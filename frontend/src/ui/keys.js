/**
 * Keyboard shortcuts: single keys (`/`), sequences (`g a`) and `Ctrl+K`, in one listener. Silent while one is typing
 * (but for Ctrl) and while a modal dialog is open.
 */
/** @type {Map<string, ((event: KeyboardEvent) => void)[]>} */
const bound = new Map();
const PAUSE = 1200;
let first = '';
let at = 0;

/** @param {EventTarget | null} target */
const typing = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !/^(checkbox|radio|button)$/.test(/** @type {HTMLInputElement} */ (target).type);

/** @param {KeyboardEvent} event */
function handle(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const ctrl = event.ctrlKey || event.metaKey;
  if (!ctrl && (typing(event.target) || document.querySelector('dialog:modal'))) return;
  const key = ctrl ? `Ctrl+${event.key.toUpperCase()}` : event.key;
  const sequence = first && event.timeStamp - at < PAUSE ? `${first} ${key}` : '';
  first = '';
  const name = sequence && bound.has(sequence) ? sequence : key;
  const handler = bound.get(name)?.at(-1);
  if (handler) {
    event.preventDefault();
    handler(event);
  } else if (!ctrl && [...bound.keys()].some((other) => other.startsWith(`${key} `))) {
    first = key;
    at = event.timeStamp;
  }
}

/**
 * Binds keys until the function returned is called; the last one to bind a key has it.
 * @param {Record<string, (event: KeyboardEvent) => void>} keys
 * @returns {() => void}
 */
export function bindKeys(keys) {
  if (bound.size === 0) addEventListener('keydown', handle);
  for (const [name, handler] of Object.entries(keys)) bound.set(name, [...(bound.get(name) ?? []), handler]);
  return () => {
    for (const [name, handler] of Object.entries(keys)) {
      const left = (bound.get(name) ?? []).filter((other) => other !== handler);
      if (left.length) bound.set(name, left);
      else bound.delete(name);
    }
    if (bound.size === 0) removeEventListener('keydown', handle);
  };
}
