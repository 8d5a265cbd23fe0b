import { useEffect, useState } from 'preact/hooks';
import { patch, post, query, remove } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { instant } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Chips } from '../../ui/Choices.jsx';
import { SidePanel } from '../../ui/Dialog.jsx';
import { EmptyState, ErrorState, errorText, Notice, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { singularOf } from '../engine/schema.js';
import { readType } from './webhooks.js';

/** How long a message that just left is given before one looks again, in ms. */
const SOON = 2000;
const STATUSES = ['', 'pending', 'failed', 'delivered'];

/**
 * One webhook: what it tells, what was sent and how it went, and what can be done about it.
 * @param {{webhook: any, told: string[], state: string, onClose: () => void}} props
 */
export function WebhookPanel({ webhook, told, state, onClose }) {
  const [status, setStatus] = useState('');
  const [ending, setEnding] = useState(false);
  const [busy, setBusy] = useState('');
  const path = `/webhooks/${webhook.id}`;
  const sent = useQuery(`${path}/deliveries${query({ limit: 50, status })}`);
  const fresh = sent.data?.items.some((/** @type {any} */ one) => one.status === 'pending' && !one.attempts);
  useEffect(() => {
    if (!fresh || !webhook.is_active) return;
    const wait = setTimeout(sent.refresh, SOON);
    return () => clearTimeout(wait);
  }, [fresh, sent.at]);
  const doing = async (/** @type {string} */ what, /** @type {() => Promise<unknown>} */ act) => {
    setBusy(what);
    try {
      await act();
      toast(t(`settings.hook_did_${what}`));
      touched('webhooks');
      return true;
    } catch (error) {
      toast(errorText(error), { tone: 'bad' });
      return false;
    } finally {
      setBusy('');
    }
  };
  const tag = `"${webhook.version}"`;
  const pause = () =>
    doing(webhook.is_active ? 'pause' : 'resume', () => patch(path, { is_active: !webhook.is_active }, tag));
  const end = async () => {
    if (await doing('end', () => remove(path, tag))) onClose();
  };
  return (
    <SidePanel open onClose={onClose} title={webhook.name} sub={state}>
      <div class="stack">
        {webhook.is_active ? null : <Notice tone="warn">{t('settings.hook_off_help')}</Notice>}
        <p class="break">{webhook.url}</p>
        <ul class="told">
          {told.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <div class="row">
          <Button
            variant="primary"
            disabled={!webhook.is_active}
            busy={busy === 'test'}
            onClick={() => doing('test', () => post(`${path}/test`))}
          >
            {t('settings.hook_test')}
          </Button>
          <Button busy={busy === 'pause' || busy === 'resume'} onClick={pause}>
            {t(webhook.is_active ? 'settings.hook_pause' : 'settings.hook_resume')}
          </Button>
          <Button variant="danger" aria-expanded={ending} onClick={() => setEnding(!ending)}>
            {t('settings.hook_end')}
          </Button>
        </div>
        {ending ? (
          <Notice
            tone="bad"
            icon="warning"
            action={
              <Button size="small" variant="danger" busy={busy === 'end'} onClick={end}>
                {t('settings.hook_end_sure')}
              </Button>
            }
          >
            {t('settings.hook_end_help')}
          </Notice>
        ) : null}
        <h3>{t('settings.hook_sent')}</h3>
        <div class="row">
          <Chips
            label={t('settings.hook_filter')}
            value={status}
            onChange={setStatus}
            items={STATUSES.map((one) => ({ value: one, label: t(`settings.hook_filter_${one || 'all'}`) }))}
          />
          <Button size="small" variant="quiet" busy={sent.loading} onClick={sent.refresh}>
            {t('settings.hook_refresh')}
          </Button>
        </div>
      </div>
      {sent.error && !sent.data ? (
        <ErrorState error={sent.error} onRetry={sent.refresh} />
      ) : !sent.data ? (
        <Skeleton lines={4} />
      ) : sent.data.items.length === 0 ? (
        <EmptyState title={t('settings.hook_sent_none')}>{t('settings.hook_sent_none_help')}</EmptyState>
      ) : (
        <ul class="choices sent">
          {sent.data.items.map((/** @type {any} */ one) => (
            <li key={one.id} class="waits">
              <span>
                <b>{typeText(one.type)}</b>
                <small>{instant(one.created_at)}</small>
                <small class={one.status === 'delivered' || !one.attempts ? '' : 'bad'}>
                  {wentText(one)}
                </small>
              </span>
              {one.status === 'pending' ? null : (
                <Button
                  size="small"
                  disabled={!webhook.is_active}
                  busy={busy === 'replay'}
                  aria-label={`${t('settings.hook_replay')}, ${typeText(one.type)}, ${instant(one.created_at)}`}
                  onClick={() => doing('replay', () => post(`${path}/deliveries/${one.id}/replay`))}
                >
                  {t('settings.hook_replay')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {sent.data?.next_cursor ? <p class="hint">{t('settings.hook_sent_more')}</p> : null}
    </SidePanel>
  );
}

/** @param {string} type @returns {string} `Commande, création` */
function typeText(type) {
  const { known, resource, moment } = readType(type);
  return known
    ? t(`settings.hook_${known}`)
    : `${singularOf(resource ?? '')}, ${t(`settings.hook_${moment}`).toLowerCase()}`;
}

/** @param {any} delivery @returns {string} how it went, with what was answered */
function wentText(delivery) {
  const answered = delivery.response_status
    ? t('settings.hook_answered', { status: String(delivery.response_status) })
    : delivery.attempts
      ? t('settings.hook_unanswered')
      : '';
  const tries = delivery.attempts > 1 ? t('settings.hook_attempts', { n: delivery.attempts }) : '';
  const next =
    delivery.status === 'pending' && delivery.attempts && delivery.next_attempt_at
      ? t('settings.hook_again', { at: instant(delivery.next_attempt_at) })
      : '';
  return [t(`settings.hook_status_${delivery.status}`), answered, tries, next].filter(Boolean).join(', ');
}
