import { render } from 'preact';
import './styles/index.css';
import { App } from './app/App.jsx';
import { openSession } from './app/session.js';
import { setTheme, theme } from './app/theme.js';
import { preferredLanguage, setLanguage } from './i18n/index.js';

setTheme(theme.peek());
const opening = openSession();
await setLanguage(preferredLanguage());
render(<App />, /** @type {HTMLElement} */ (document.getElementById('app')));

// A build whose chunks have been replaced on the server: read the page again, once.
addEventListener('unhandledrejection', (event) => {
  if (!/module script|dynamically imported module/i.test(String(event.reason?.message))) return;
  const last = Number(sessionStorage.getItem('cadran.reloaded'));
  if (Date.now() - last < 10_000) return;
  sessionStorage.setItem('cadran.reloaded', String(Date.now()));
  location.reload();
});

// Not before the session is known: what makes the app open offline must not slow its first screen.
await opening;
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`).catch(() => {});
