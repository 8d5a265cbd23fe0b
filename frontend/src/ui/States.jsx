import { hour } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Button } from './Button.jsx';
import { Icon } from './Icon.jsx';

/**
 * The place of something that is coming, at its exact height so that nothing moves when it comes.
 * @param {{height?: string, lines?: number, class?: string}} props `lines`: lines of text instead of one block
 */
export const Skeleton = ({ height, lines, class: name = '' }) =>
  lines ? (
    <div class={`skeleton-lines ${name}`} aria-hidden="true">
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} class="skeleton" />
      ))}
    </div>
  ) : (
    <i class={`skeleton ${name}`} style={{ height: height ?? '100%' }} aria-hidden="true" />
  );

/**
 * Nothing to show: why, and what to do.
 * @param {{title: string, action?: import('preact').ComponentChildren, children?: import('preact').ComponentChildren, icon?: string, page?: boolean}} props
 *   `page`: this is all the page shows, its title is the page's
 */
export const EmptyState = ({ title, action, children, icon, page }) => (
  <div class="empty">
    {icon ? <Icon name={icon} size={24} /> : null}
    {page ? <h1>{title}</h1> : <b>{title}</b>}
    {children ? <p>{children}</p> : null}
    {action}
  </div>
);

/** @param {any} error @returns {string} a sentence for whoever meets it: the API's own where it has one */
export function errorText(error) {
  if (error?.name === 'NetworkError') return t('state.network');
  if (error?.status === 403) return t('state.forbidden');
  if (error?.status === 412) return t('state.conflict');
  if (error?.status === 429 || error?.status === 503) return t('state.busy');
  return error?.detail || error?.title || t('state.error');
}

/**
 * Something could not be read. With `since`, the last value is still on the screen and this is only a line above it.
 * @param {{error: any, since?: string | Date | null, onRetry?: () => void}} props `since`: when what is shown was received
 */
export function ErrorState({ error, since, onRetry }) {
  const retry = onRetry ? (
    <Button size="small" onClick={onRetry}>
      {t('ui.retry')}
    </Button>
  ) : null;
  if (since)
    return (
      <div class="notice warn" role="status">
        <Icon name="clock" size={16} />
        <span>{t('state.error_kept', { hour: hour(since) })}</span>
        {retry}
      </div>
    );
  return (
    <div class="empty" role="alert">
      <Icon name="warning" size={24} />
      <b>{t('state.error')}</b>
      <p>{errorText(error)}</p>
      {retry}
    </div>
  );
}

/**
 * A line above what it concerns: offline, partial, an earlier date.
 * @param {{tone?: 'plain'|'warn'|'bad', icon?: string, action?: import('preact').ComponentChildren, children: import('preact').ComponentChildren}} props
 */
export const Notice = ({ tone = 'plain', icon = 'info', action, children }) => (
  <div class={`notice ${tone}`} role="status">
    <Icon name={icon} size={16} />
    <span>{children}</span>
    {action}
  </div>
);
