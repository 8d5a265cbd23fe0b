import { render } from 'preact';
import { LocationProvider } from 'preact-iso';
import '../src/styles/index.css';
import { Shell } from '../src/app/Shell.jsx';
import SignIn from '../src/app/SignIn.jsx';
import { user } from '../src/app/session.js';
import { setTheme } from '../src/app/theme.js';
import { loadArea, setLanguage } from '../src/i18n/index.js';
import { Activity } from './Activity.jsx';
import { Parts } from './Parts.jsx';

const asked = new URLSearchParams(location.search);
setTheme(/** @type {any} */ (asked.get('theme') ?? 'auto'));
await loadArea('shell');
await setLanguage(asked.get('lang') === 'en' ? 'en' : 'fr');
const page = asked.get('page') ?? 'activity';
user.value = { id: '1', name: 'Hélène Vasseur', email: 'h@example.org', role: 'director' };
render(
  page === 'door' ? (
    <SignIn />
  ) : (
    <LocationProvider scope={/^\?/}>
      <Shell>{page === 'parts' ? <Parts /> : <Activity />}</Shell>
    </LocationProvider>
  ),
  /** @type {HTMLElement} */ (document.getElementById('app')),
);
