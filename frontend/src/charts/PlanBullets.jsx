import { percent } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Bullet } from './Bullet.jsx';
import { num } from './geometry.js';

/**
 * The three rings of an action plan on one scale: actions done and revenue earned, each against the time elapsed.
 * @param {{label: string, actions: string|number|null, revenue: string|number|null, time: string|number|null,
 *   notes?: {actions?: string, revenue?: string, time?: string}}} props ratios between 0 and 1; `notes`: "7 sur 9", "61 k€ sur 80 k€"
 */
export function PlanBullets({ label, actions, revenue, time, notes = {} }) {
  const pace = num(time);
  const rows = /** @type {const} */ ([
    ['actions', actions, pace],
    ['revenue', revenue, pace],
    ['time', time, null],
  ]);
  return (
    <ul class="chart plan" aria-label={label}>
      {rows.map(([key, value, expected]) => (
        <li key={key}>
          <span class="plan-name">{t(`chart.${key}`)}</span>
          <Bullet
            label={`${label}, ${t(`chart.${key}`)}`}
            value={value}
            pace={expected}
            target={1}
            max={1.06}
            unit="ratio"
            height={12}
            ticks={false}
          />
          <span class="plan-value" title={notes[key]}>
            {percent(value)}
          </span>
        </li>
      ))}
    </ul>
  );
}
