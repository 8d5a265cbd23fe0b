import { useEffect, useState } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { EmptyState, ErrorState } from '../ui/States.jsx';
import { Lazily, withTexts } from './Lazily.jsx';
import { BASE, to } from './paths.js';
import { homeOf, ownPages, recordsPage, screensOf } from './registry.js';
import { Shell } from './Shell.jsx';
import { HOME } from './screens.js';
import { openSession, unreachable, user } from './session.js';

const signIn = () => withTexts(import('./SignIn.jsx'), 'shell');

/** Links that the router takes: those of the app, and queries of the page. */
const OURS = new RegExp(`^(${BASE}|\\?)`);

/** The whole application: the door, or the shell around a page. */
export function App() {
  const who = user.value;
  if (unreachable.value && !who)
    return (
      <main class="door" id="main">
        <ErrorState error={unreachable.value} onRetry={openSession} />
      </main>
    );
  if (who === undefined) return <Waiting />;
  if (who === null) return <Lazily load={signIn} fallback={<Waiting />} />;
  return (
    <LocationProvider scope={OURS}>
      <Shell>
        <Pages who={who} />
      </Shell>
    </LocationProvider>
  );
}

/** @param {{who: import('./session.js').User}} props */
function Pages({ who }) {
  const [crashed, setCrashed] = useState(/** @type {string | null} */ (null));
  const { path } = useLocation();
  // A change of page forgets the crash of the one before.
  if (crashed !== null && crashed !== path) setCrashed(null);
  if (crashed !== null) return <Crashed />;
  return (
    <ErrorBoundary
      onError={(error) => {
        console.error(error);
        setCrashed(path);
      }}
    >
      <Router onRouteChange={focusMain}>
        <Route path={to('')} component={Home} />
        {screensOf(who).map((screen) => (
          <Route key={screen.id} path={to(screen.path)} component={screen.component} />
        ))}
        {(recordsPage ? [recordsPage] : []).map((component) => (
          <Route key="records" path={to('records/*')} component={component} />
        ))}
        {Object.entries(ownPages).map(([name, component]) => (
          <Route key={name} path={to(`${name}/:rest*`)} component={component} />
        ))}
        <Route default component={NotFound} />
      </Router>
    </ErrorBoundary>
  );
}

/** A screen reader starts at the top of the new page, unless a menu was opened while its code was coming. */
function focusMain() {
  if (document.activeElement?.closest('.popover, dialog')) return;
  document.getElementById('main')?.focus({ preventScroll: true });
}

/** The start: the first screen of the role. */
function Home() {
  const { route } = useLocation();
  const who = /** @type {import('./session.js').User} */ (user.value);
  const home = homeOf(who, HOME[who.role]);
  const elsewhere = home !== to('');
  useEffect(() => {
    if (elsewhere) route(home, true);
  }, []);
  return elsewhere ? null : <NotFound />;
}

const Waiting = () => (
  <p class="waiting" role="status">
    <span class="vh">{t('app.loading')}</span>
  </p>
);

const NotFound = () => (
  <EmptyState page title={t('app.not_found')} action={<Button href={to('')}>{t('app.back_home')}</Button>}>
    {t('app.not_found_help')}
  </EmptyState>
);

const Crashed = () => (
  <EmptyState
    page
    icon="warning"
    title={t('app.crashed')}
    action={<Button onClick={() => location.reload()}>{t('app.reload')}</Button>}
  >
    {t('app.crashed_help')}
  </EmptyState>
);
