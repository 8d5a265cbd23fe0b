import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { flush, outbox } from '../api/outbox.js';
import { refresh } from '../api/query.js';
import { t } from '../i18n/index.js';
import { Icon } from '../ui/Icon.jsx';
import { toast } from '../ui/Toast.jsx';

/** Whether the browser believes it has a network. */
export const online = signal(navigator.onLine);

const RETRY = 60_000;

async function sendWaiting() {
  if (!navigator.onLine || !outbox.peek().some((item) => !item.error)) return;
  const { sent, refused } = await flush();
  if (sent.length) toast(t('offline.sent', { n: sent.length }));
  if (refused.length) toast(t('offline.refused'), { tone: 'bad' });
}

/** Says that the page is read offline and what waits to be sent; sends it once the network is back. */
export default function OfflineBanner() {
  useEffect(() => {
    const follow = () => {
      online.value = navigator.onLine;
      if (!navigator.onLine) return;
      sendWaiting();
      refresh();
    };
    addEventListener('online', follow);
    addEventListener('offline', follow);
    const again = setInterval(sendWaiting, RETRY);
    sendWaiting();
    return () => {
      removeEventListener('online', follow);
      removeEventListener('offline', follow);
      clearInterval(again);
    };
  }, []);
  const waiting = outbox.value.filter((item) => !item.error).length;
  const refused = outbox.value.length - waiting;
  if (online.value && !waiting && !refused) return null;
  return (
    <div class="banners" role="status">
      {online.value ? null : (
        <p class="notice warn">
          <Icon name="offline" size={16} />
          <span>{t('offline.banner')}</span>
        </p>
      )}
      {waiting ? (
        <p class="notice warn">
          <Icon name="clock" size={16} />
          <span>{t('offline.pending', { n: waiting })}</span>
        </p>
      ) : null}
      {refused ? (
        <p class="notice bad">
          <Icon name="warning" size={16} />
          <span>{t('offline.refused')}</span>
        </p>
      ) : null}
    </div>
  );
}
