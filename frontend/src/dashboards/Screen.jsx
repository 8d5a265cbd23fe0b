import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useDashboard, useTitle } from '../app/dashboard.js';
import { Lazily, withTexts } from '../app/Lazily.jsx';
import { to, usePanel } from '../app/paths.js';
import { ScopeBar } from '../app/ScopeBar.jsx';
import { language, t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { ErrorState, Skeleton } from '../ui/States.jsx';
import { readDrill } from './drill.js';

const loadDrill = () => withTexts(import('./Drill.jsx'), 'do');
const loadExports = () => withTexts(import('./Exports.jsx'), 'do');

/**
 * What the four screens share: scope, sentence, states, the records behind a number, export and print.
 * @param {{name: string, title: string, tiles: string[], scope?: Record<string, any>, actions?: import('preact').ComponentChildren,
 *   children: (board: import('./types.js').Board) => import('preact').ComponentChildren}} props
 *   `name` as in the API; `title` of the page until its sentence is here; `tiles`: the KPIs that can be exported; `scope`: props of the scope bar
 */
export function Screen({ name, title, tiles, scope: bar = {}, actions, children }) {
  const query = useDashboard(name);
  const { data, error, at, stale, loading, refresh } = query;
  const { route } = useLocation();
  const { panel, close } = usePanel();
  const [exporting, setExporting] = useState(false);
  const parts = data?.headline[language.value] ?? [];
  const sentence = parts.map((/** @type {any} */ part) => part.text).join('');
  useTitle(sentence || title);
  const forbidden = error?.status === 403;
  useEffect(() => {
    if (forbidden) route(to(''), true);
  }, [forbidden]);
  if (forbidden) return null;
  const drill = data ? readDrill(panel) : null;

  return (
    <>
      <ScopeBar
        at={at}
        stale={stale}
        loading={loading}
        {...bar}
        actions={
          <>
            {actions}
            <Button class="laptop-only" onClick={() => setExporting(true)} disabled={!data}>
              {t('ui.export')}
            </Button>
            <Button class="laptop-only" onClick={() => print()} disabled={!data}>
              {t('ui.print')}
            </Button>
          </>
        }
      />
      {data ? (
        <h1 class="headline">
          {parts.map((/** @type {any} */ part, /** @type {number} */ i) =>
            part.tone === 'plain' ? (
              part.text
            ) : (
              <b key={i} class={part.tone === 'bad' ? 'bad' : ''}>
                {part.text}
              </b>
            ),
          )}
        </h1>
      ) : (
        <h1 class="headline waiting-line">
          <span class="vh">{title}</span>
          {error ? null : <Skeleton height="26px" />}
        </h1>
      )}
      <div class="screen">
        {error && data ? <ErrorState error={error} since={at} onRetry={refresh} /> : null}
        {data ? children(data) : error ? <ErrorState error={error} onRetry={refresh} /> : <Waiting />}
      </div>
      {drill ? <Lazily load={loadDrill} drill={drill} board={data} onClose={close} /> : null}
      {exporting ? (
        <Lazily load={loadExports} board={data} tiles={tiles} onClose={() => setExporting(false)} />
      ) : null}
    </>
  );
}

/** The place of what is coming, of the heights it will have. */
const Waiting = () => (
  <>
    <section class="panel kpis" aria-hidden="true">
      {[1, 2, 3, 4].map((n) => (
        <div class="kpi tile-waiting" key={n}>
          <Skeleton height="100%" />
        </div>
      ))}
    </section>
    <div class="two-one">
      <Skeleton height="264px" />
      <Skeleton height="264px" />
    </div>
    <div class="two-one">
      <Skeleton height="300px" />
      <Skeleton height="300px" />
    </div>
  </>
);
