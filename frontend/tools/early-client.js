// Runs before the application's script has arrived: sets the theme, asks the API for what the first screen needs
// and tells the browser which chunks that screen will import. A file of its own because the page allows no inline script.
(() => {
  const { api, base, screens, languages, scope } = __EARLY__;
  const store = (/** @type {string} */ name) => {
    try {
      return localStorage.getItem(`cadran.${name}`);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const theme = store('theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const language = store('language') || (/^fr/.test(navigator.language) ? 'fr' : 'en');
  const wanted = (languages[language] || []).slice();

  if (store('signed')) {
    /** @type {Record<string, Promise<Response>>} */
    const early = {};
    window.__early = early;
    const ask = (/** @type {string} */ url) => {
      early[url] = fetch(url, {
        credentials: api ? 'include' : 'same-origin',
        headers: { Accept: 'application/json' },
      });
      early[url].catch(() => {});
    };
    ask(`${api}/session`);
    const place = location.pathname.slice(base.length).split('/')[0] || store('home') || '';
    const screen = screens[place];
    if (screen) {
      const query = new URLSearchParams(location.search);
      const kept = [...query].filter(([name]) => scope.includes(name));
      kept.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
      const text = new URLSearchParams(kept).toString();
      ask(`${api}/kpi/dashboards/${screen.dashboard}${text ? `?${text}` : ''}`);
      wanted.push(...screen.files, ...(screen.texts[language] || []));
    }
  }
  for (const file of wanted) {
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = base + file;
    document.head.append(link);
  }
})();
