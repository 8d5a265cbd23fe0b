import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { BASE } from '../../app/paths.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Dialog } from '../../ui/Dialog.jsx';

/**
 * Asks before what is typed is lost: by a link, by Back, by closing the page.
 * @param {{dirty: boolean}} props
 */
export function Guard({ dirty }) {
  const { route } = useLocation();
  const [leaving, setLeaving] = useState(/** @type {{go: () => void} | null} */ (null));
  const armed = dirty && !leaving;

  useEffect(() => {
    if (!armed) return;
    const onUnload = (/** @type {Event} */ event) => event.preventDefault();
    const onClick = (/** @type {MouseEvent} */ event) => {
      const link = /** @type {HTMLElement} */ (event.target).closest?.('a[href]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      if (link.hasAttribute('download') || link.getAttribute('target') === '_blank') return;
      const { href, origin, pathname, search } = /** @type {HTMLAnchorElement} */ (link);
      if (origin !== location.origin || link.getAttribute('href')?.startsWith('#')) return;
      event.preventDefault();
      event.stopPropagation();
      setLeaving({
        go: () => (pathname.startsWith(BASE) ? route(pathname + search) : location.assign(href)),
      });
    };
    /** @type {any} */
    const { navigation } = window;
    const onTraverse = (/** @type {any} */ event) => {
      if (event.navigationType !== 'traverse' || !event.cancelable) return;
      event.preventDefault();
      const { key } = event.destination;
      setLeaving({ go: () => navigation.traverseTo(key) });
    };
    addEventListener('beforeunload', onUnload);
    document.addEventListener('click', onClick, true);
    navigation?.addEventListener('navigate', onTraverse);
    return () => {
      removeEventListener('beforeunload', onUnload);
      document.removeEventListener('click', onClick, true);
      navigation?.removeEventListener('navigate', onTraverse);
    };
  }, [armed]);

  return (
    <Dialog
      open={!!leaving}
      onClose={() => setLeaving(null)}
      title={t('rec.leave')}
      footer={
        <>
          <Button variant="danger" onClick={() => leaving?.go()}>
            {t('rec.leave_yes')}
          </Button>
          <Button variant="primary" onClick={() => setLeaving(null)}>
            {t('rec.leave_no')}
          </Button>
        </>
      }
    >
      <p>{t('rec.leave_help')}</p>
    </Dialog>
  );
}
