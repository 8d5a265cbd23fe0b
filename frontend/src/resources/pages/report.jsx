import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { query as asked, call } from '../../api/client.js';
import { discard, outbox, restore } from '../../api/outbox.js';
import { useQuery } from '../../api/query.js';
import { recordPath, to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { day, today } from '../../i18n/format.js';
import { loadArea, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Combobox } from '../../ui/Combobox.jsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { visitsPath, waiting } from '../report/draft.js';
import { Form } from '../report/Form.jsx';

await loadArea('report');

/**
 * The visit report, made for a phone between two visits: `?visit=…` for a planned one, `?customer_id=…` for one that
 * was not, `?waiting=…` for one that waits to be sent, else a choice among today's and the late ones.
 */
export default function Report() {
  const { query, route } = useLocation();
  const [done, setDone] = useState(/** @type {{how: string, target: Target, next: string} | null} */ (null));
  if (user.value?.role === 'marketing')
    return (
      <EmptyState page icon="pin" title={t('report.not_yours')}>
        {t('report.not_yours_help')}
      </EmptyState>
    );
  if (done) return <Done {...done} onMore={() => setDone(null)} />;
  const leave = () => route(to('report'));
  const finish = (/** @type {Target} */ target) => (/** @type {string} */ how, /** @type {any} */ fields) => {
    setDone({ how, target, next: fields.next_step_on });
    route(to('report'), true);
  };
  const item = outbox.value.find((one) => one.key === query.waiting);
  const again = item && waiting(item);
  return (
    <div class="page report-page">
      {again ? (
        <Written target={again.target} was={again} onDone={finish(again.target)} onCancel={leave} />
      ) : query.visit ? (
        <OfVisit key={query.visit} id={query.visit} finish={finish} onCancel={leave} />
      ) : query.customer_id ? (
        <OfCustomer key={query.customer_id} id={query.customer_id} finish={finish} onCancel={leave} />
      ) : (
        <Choice />
      )}
    </div>
  );
}

/** @typedef {import('../report/draft.js').Target} Target */
/** @typedef {{id: string, finish: (target: Target) => (how: 'sent' | 'kept', fields: any) => void, onCancel: () => void}} OfProps */

/** @param {import('preact').ComponentProps<typeof Form>} props */
const Written = (props) => (
  <>
    <header class="page-head">
      <h1>{props.target.name || t('report.title')}</h1>
      <p>
        {props.target.planned_on
          ? t('report.planned_on', { day: day(props.target.planned_on) })
          : t('report.title')}
      </p>
    </header>
    <Form {...props} />
  </>
);

/** @param {OfProps} props */
function OfVisit({ id, finish, onCancel }) {
  const list = useQuery(visitsPath(user.value?.id ?? ''), { keep: true });
  const known = list.data?.items.find((/** @type {any} */ one) => one.id === id);
  // Without network the list kept from the morning is enough.
  const alone = useQuery(list.loading || known ? null : `/visits/${id}`, { keep: true });
  const visit = known ?? alone.data;
  if (!visit) return <Unknown state={list.loading ? list : alone} onCancel={onCancel} />;
  const target = {
    visit: id,
    customer: visit.customer_id,
    name: visit.labels?.customer_id ?? '',
    planned_on: visit.planned_on,
  };
  return <Written target={target} onDone={finish(target)} onCancel={onCancel} />;
}

/** @param {OfProps} props */
function OfCustomer({ id, finish, onCancel }) {
  const state = useQuery(`/customers/${id}`, { keep: true });
  if (!state.data) return <Unknown state={state} onCancel={onCancel} />;
  const target = { customer: id, name: state.data.name };
  return <Written target={target} onDone={finish(target)} onCancel={onCancel} />;
}

/** @param {{state: any, onCancel: () => void}} props */
function Unknown({ state, onCancel }) {
  if (state.loading) return <Skeleton height="420px" />;
  if (state.error?.status === 404)
    return (
      <EmptyState
        page
        title={t('report.no_visit')}
        action={<Button onClick={onCancel}>{t('report.choose')}</Button>}
      >
        {t('report.no_visit_help')}
      </EmptyState>
    );
  return <ErrorState error={state.error} onRetry={state.refresh} />;
}

/** Which visit: today's first, then the late ones; or any customer. */
function Choice() {
  const { route } = useLocation();
  const list = useQuery(visitsPath(user.value?.id ?? ''), { keep: true });
  const now = today();
  const written = outbox.value.map((item) => waiting(item)?.target.visit);
  /** @type {any[]} */
  const visits = (list.data?.items ?? []).filter((/** @type {any} */ one) => !written.includes(one.id));
  const groups = [
    { title: t('report.today'), items: visits.filter((one) => one.planned_on === now) },
    { title: t('report.late'), items: visits.filter((one) => one.planned_on < now) },
    { title: t('report.tomorrow'), items: visits.filter((one) => one.planned_on > now) },
  ].filter((group) => group.items.length);
  return (
    <>
      <header class="page-head">
        <h1>{t('report.title')}</h1>
        <p>{t('report.which')}</p>
      </header>
      <Waiting />
      {list.loading ? <Skeleton height="180px" /> : null}
      {groups.map((group) => (
        <section key={group.title} class="panel" aria-label={group.title}>
          <header>
            <h2>{group.title}</h2>
          </header>
          <ul class="choices">
            {group.items.map((visit) => (
              <li key={visit.id}>
                <a href={to(`report?visit=${visit.id}`)}>
                  <b>{visit.labels?.customer_id}</b>
                  <small>
                    {[
                      visit.planned_on === now ? visit.planned_time?.slice(0, 5) : day(visit.planned_on),
                      visit.purpose,
                      visit.location,
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </small>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {!list.loading && !groups.length ? (
        <EmptyState title={t('report.none')}>{t('report.none_help')}</EmptyState>
      ) : null}
      <Combobox
        label={t('report.unplanned')}
        value={null}
        placeholder={t('report.unplanned_hint')}
        search={customers}
        onChange={(option) => option && route(to(`report?customer_id=${option.value}`))}
      />
    </>
  );
}

/** @param {string} text @param {AbortSignal} signal */
async function customers(text, signal) {
  const { data } = await call(`/customers${asked({ q: text, limit: 8 })}`, { signal });
  return data.items.map((/** @type {any} */ one) => ({
    value: one.id,
    label: one.name,
    note: one.city ?? undefined,
  }));
}

/** Taken out, with a way back. @param {import('../../api/outbox.js').Item} item */
function throwAway(item) {
  discard(item.key);
  toast(t('report.discarded', { name: item.label }), { undo: () => restore(item) });
}

/** What waits on this device: to be sent once there is network, or refused and to be corrected. */
function Waiting() {
  const items = outbox.value.filter((item) => waiting(item));
  if (!items.length) return null;
  return (
    <section class="panel" aria-label={t('report.waiting')}>
      <header>
        <h2>{t('report.waiting')}</h2>
      </header>
      <ul class="choices">
        {items.map((item) => (
          <li key={item.key} class="waits">
            <span>
              <b>{item.label}</b>
              <small class={item.error ? 'bad' : ''}>
                {item.error
                  ? [item.error.detail || item.error.title, ...Object.values(item.error.fields)].join(' ')
                  : t('report.will_leave')}
              </small>
            </span>
            <Button size="small" href={to(`report?waiting=${item.key}`)}>
              {t('report.correct')}
            </Button>
            <Button size="small" variant="danger" onClick={() => throwAway(item)}>
              {t('report.discard')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @param {{how: string, target: Target, next: string, onMore: () => void}} props */
function Done({ how, target, next, onMore }) {
  const prefill = asked({ customer_id: target.customer, planned_on: next });
  return (
    <EmptyState
      page
      icon={how === 'sent' ? 'check' : 'clock'}
      title={t(how === 'sent' ? 'report.sent' : 'report.waits', { name: target.name })}
      action={
        <span class="row">
          <Button variant="primary" href={to('day')}>
            {t('report.to_day')}
          </Button>
          {target.customer && how === 'sent' ? (
            <Button href={`${recordPath('visits', 'new')}${prefill}`}>{t('report.plan_next')}</Button>
          ) : null}
          <Button variant="quiet" onClick={onMore}>
            {t('report.another')}
          </Button>
        </span>
      }
    >
      {t(how === 'sent' ? 'report.sent_help' : 'report.waits_help')}
    </EmptyState>
  );
}
