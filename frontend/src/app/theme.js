import { signal } from '@preact/signals';
import { readStored, writeStored } from '../i18n/index.js';

/** @typedef {'auto'|'light'|'dark'} Theme */

const kept = readStored('theme');

/** The appearance asked for; `auto` follows the system. */
export const theme = signal(/** @type {Theme} */ (kept === 'light' || kept === 'dark' ? kept : 'auto'));

/** @param {Theme} next shows it, and keeps it for the next visit */
export function setTheme(next) {
  theme.value = next;
  writeStored('theme', next === 'auto' ? null : next);
  if (next === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
}
