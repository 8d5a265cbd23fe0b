import { t } from '../i18n/index.js';
import { Icon } from './Icon.jsx';
import { Popover } from './Menu.jsx';

/**
 * The (i) of a tile: what the number means, how it is made, and what to know of today's.
 * @param {{label: string, definition: string, formula?: string | null, version?: string | number | null, warnings?: string[]}} props
 *   texts as the API sends them
 */
export function Definition({ label, definition, formula, version, warnings = [] }) {
  const name = t('definition.button', { label });
  return (
    <Popover
      label={name}
      class="definition"
      trigger={(attributes) => (
        <button
          type="button"
          class={`info ${warnings.length ? 'warn' : ''}`}
          aria-label={name}
          title={name}
          {...attributes}
        >
          <Icon name={warnings.length ? 'warning' : 'info'} size={15} />
        </button>
      )}
    >
      {() => (
        <>
          <b>{label}</b>
          <p>{definition}</p>
          {formula ? (
            <p>
              <small>{t('definition.formula')}</small>
              {formula}
            </p>
          ) : null}
          {warnings.length ? (
            <div class="definition-warnings">
              <small>{t('definition.warnings')}</small>
              <ul>
                {warnings.map((warning) => (
                  <li key={warning}>{warning}</li>
                ))}
              </ul>
            </div>
          ) : null}
          {version ? (
            <small class="quiet">{t('definition.version', { version: String(version) })}</small>
          ) : null}
        </>
      )}
    </Popover>
  );
}
