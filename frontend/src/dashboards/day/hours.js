import { clock } from '../../api/query.js';
import { timeZone } from '../../i18n/format.js';

/** @param {string | null} time `09:30:00` @returns {number} hours */
export const hours = (time) => (time ? Number(time.slice(0, 2)) + Number(time.slice(3, 5)) / 60 : 0);

/** @returns {number} the hour of the company now */
export function hourNow() {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timeZone.value,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(clock.value);
  return hours(parts);
}
