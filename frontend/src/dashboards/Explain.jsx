import { useQuery } from '../api/query.js';
import { t } from '../i18n/index.js';
import { Icon } from '../ui/Icon.jsx';
import { Popover } from '../ui/Menu.jsx';
import { Skeleton } from '../ui/States.jsx';
import { said } from './figures.js';

/**
 * The (i) of a tile: definition, formula, version and warnings as the API says them, asked for when it opens.
 * @param {{name: string, label: string, warnings?: {code: string, message: import('./types.js').Bilingual}[]}} props `name` of the KPI
 */
export function Explain({ name, label, warnings = [] }) {
  const title = t('definition.button', { label });
  const grave = warnings.some((one) => one.code === 'price_guard');
  return (
    <Popover
      label={title}
      class="definition"
      trigger={(attributes) => (
        <button
          type="button"
          class={`info ${grave ? 'warn' : ''}`}
          aria-label={title}
          title={title}
          {...attributes}
        >
          <Icon name={grave ? 'warning' : 'info'} size={15} />
        </button>
      )}
    >
      {() => <About name={name} label={label} warnings={warnings} />}
    </Popover>
  );
}

/** The catalogue's entry of a KPI. @param {string} name @returns {any} null until it is here */
export function useCatalogue(name) {
  const { data } = useQuery('/kpi', { keep: true });
  return data?.items.find((/** @type {any} */ kpi) => kpi.name === name) ?? null;
}

/** @param {{name: string, label: string, warnings: {code: string, message: import('./types.js').Bilingual}[]}} props */
function About({ name, label, warnings }) {
  const kpi = useCatalogue(name);
  if (!kpi) return <Skeleton lines={4} />;
  return (
    <>
      <b>{said(kpi.label) || label}</b>
      <p>{said(kpi.definition)}</p>
      <p>
        <small>{t('definition.formula')}</small>
        {said(kpi.formula)}
      </p>
      {warnings.length ? (
        <div class="definition-warnings">
          <small>{t('definition.warnings')}</small>
          <ul>
            {warnings.map((one) => (
              <li key={one.code}>{said(one.message)}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <small class="quiet">{t('definition.version', { version: String(kpi.definition_version) })}</small>
    </>
  );
}
