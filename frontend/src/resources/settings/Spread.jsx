import { LOCALES, language, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { TextField } from '../../ui/Field.jsx';
import { Group } from './parts.jsx';
import { monthsFrom } from './spread.js';

/** @param {number} month 1 to 12 @returns {string} `janvier` */
export const monthName = (month) =>
  new Intl.DateTimeFormat(LOCALES[language.value], { month: 'long', timeZone: 'UTC' }).format(
    Date.UTC(2026, month - 1, 1),
  );

/**
 * How a year's target spreads over its months.
 * @param {{start: number, value: string[], error?: string, onChange: (value: string[]) => void}} props `start`: first month of the fiscal year
 */
export function Weights({ start, value, error, onChange }) {
  return (
    <Group legend={t('settings.weights')} hint={t('settings.weights_hint')} error={error}>
      <div class="months">
        {monthsFrom(start).map((month, at) => (
          <TextField
            key={month}
            label={monthName(month)}
            inputMode="decimal"
            value={value[at]}
            onInput={(text) => onChange(value.with(at, text))}
          />
        ))}
      </div>
    </Group>
  );
}

/**
 * The days between two orders in each sector, where they differ from the default.
 * @param {{value: import('./spread.js').Sector[], error?: string, onChange: (value: import('./spread.js').Sector[]) => void}} props
 */
export function Sectors({ value, error, onChange }) {
  return (
    <Group legend={t('settings.sectors')} hint={t('settings.sectors_hint')} error={error}>
      {value.map((one, at) => (
        <div class="sector" key={at}>
          <TextField
            label={t('settings.sector')}
            hideLabel={at > 0}
            value={one.sector}
            onInput={(sector) => onChange(value.with(at, { ...one, sector }))}
          />
          <TextField
            label={t('settings.sector_days')}
            hideLabel={at > 0}
            inputMode="numeric"
            value={one.days}
            onInput={(days) => onChange(value.with(at, { ...one, days }))}
          />
          <Button
            variant="quiet"
            aria-label={`${t('settings.sector_remove')}, ${one.sector || at + 1}`}
            onClick={() => onChange(value.toSpliced(at, 1))}
          >
            {t('settings.sector_remove')}
          </Button>
        </div>
      ))}
      <div class="row">
        <Button size="small" icon="plus" onClick={() => onChange([...value, { sector: '', days: '' }])}>
          {t('settings.sector_add')}
        </Button>
      </div>
    </Group>
  );
}
