import { useEffect, useState } from 'preact/hooks';
import { query } from '../../api/client.js';
import { prefetch, useQuery } from '../../api/query.js';
import { useOwners } from '../../app/choices.js';
import { recordPath, to } from '../../app/paths.js';
import { addDays } from '../../app/periods.js';
import { useScope } from '../../app/scope.js';
import { user } from '../../app/session.js';
import { day } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { visitsPath } from '../../resources/report/draft.js';
import { IconButton } from '../../ui/Button.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, Skeleton } from '../../ui/States.jsx';
import { hourNow, hours } from './hours.js';

/** An hour on the page. */
const HOUR = 25;

/** A team without reps has no visits. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** @typedef {{id: string, status: string, planned_time: string | null, duration_minutes: number | null, purpose: string | null, location: string | null,
 *   customer_id: string, customer: string, city: string | null, phone: string | null, owner_id: string | null, owner: string | null}} Visit */

/** The visits of the day, and of the days around it. @param {{board: import('../types.js').Board}} props */
export function Agenda({ board }) {
  const scope = useScope();
  const [shift, setShift] = useState(0);
  const on = addDays(board.as_of_day, shift);
  // So that a report can be written where there is no network.
  useEffect(() => prefetch(visitsPath(user.value?.id ?? ''), { keep: true }), []);
  const owners = useOwners(scope);
  const theirs = { planned_on: on, owner_id: owners?.length === 0 ? NOBODY : owners };
  const other = useQuery(
    shift && owners !== undefined ? `/visits${query({ ...theirs, limit: 200, sort: 'planned_time' })}` : null,
  );
  /** @type {Visit[] | null} */
  const visits = shift
    ? other.data
      ? other.data.items.filter((/** @type {any} */ one) => one.status !== 'cancelled').map(named)
      : null
    : board.lists.agenda;
  const count = shift ? visits?.length : board.lists.agenda_count;
  const several = new Set((visits ?? []).map((one) => one.owner_id)).size > 1;
  return (
    <Panel
      title={shift ? day(on) : t('do.today')}
      sub={visits ? t('dash.n_visits', { n: count }) : undefined}
      class="agenda"
      link={
        visits && count > visits.length
          ? {
              text: t('day.all_visits'),
              href: recordPath('visits') + query(theirs),
            }
          : undefined
      }
      actions={
        <>
          <IconButton
            icon="left"
            size="small"
            label={t('scope.previous_day')}
            onClick={() => setShift(shift - 1)}
          />
          <IconButton
            icon="right"
            size="small"
            label={t('scope.next_day')}
            onClick={() => setShift(shift + 1)}
          />
        </>
      }
    >
      {!visits ? (
        <Skeleton lines={5} />
      ) : visits.length === 0 ? (
        <EmptyState title={t('day.no_visit')}>{t('day.no_visit_help')}</EmptyState>
      ) : several ? (
        <Everyone visits={visits} />
      ) : (
        <Grid visits={visits} now={shift === 0 && !scope.asOf} />
      )}
    </Panel>
  );
}

/** A visit of the list of visits, as the agenda has it. @param {any} visit @returns {Visit} */
const named = (visit) => ({
  ...visit,
  customer: visit.labels?.customer_id ?? '',
  owner: visit.labels?.owner_id ?? null,
  city: visit.location,
  phone: null,
});

/** Several people's visits, in the order of the day. @param {{visits: Visit[]}} props */
function Everyone({ visits }) {
  return (
    <ul class="agenda-list">
      {visits.map((visit) => (
        <li key={visit.id}>
          <span class="agenda-time">{visit.planned_time?.slice(0, 5) ?? '–'}</span>
          <a class="row-link clip" href={recordPath('visits', visit.id)}>
            {visit.customer}
          </a>
          <small class="clip">{[visit.owner, visit.city].filter(Boolean).join(', ')}</small>
          <Report visit={visit} />
        </li>
      ))}
    </ul>
  );
}

/** @param {{visit: Visit}} props */
const Report = ({ visit }) =>
  visit.status === 'held' ? (
    <small class="quiet">{t('day.held')}</small>
  ) : (
    <a class="link" href={to(`report?visit=${visit.id}`)} aria-label={`${t('do.report')}, ${visit.customer}`}>
      {t('do.report')}
    </a>
  );

/** One person's day, hour by hour. @param {{visits: Visit[], now: boolean}} props */
function Grid({ visits, now }) {
  const timed = visits.filter((visit) => visit.planned_time);
  const untimed = visits.filter((visit) => !visit.planned_time);
  const from = Math.min(8, ...timed.map((visit) => Math.floor(hours(visit.planned_time))));
  const end = Math.max(18, ...timed.map((visit) => Math.ceil(hours(visit.planned_time) + length(visit))));
  const at = now ? hourNow() : -1;
  return (
    <>
      {untimed.length ? <Everyone visits={untimed} /> : null}
      <div class="agenda-grid" style={{ height: `${(end - from) * HOUR + 8}px` }}>
        {Array.from({ length: Math.floor((end - from) / 2) + 1 }, (_, i) => (
          <span key={i} class="agenda-hour" style={{ top: `${i * 2 * HOUR}px` }}>
            {t('day.hour', { h: String(from + i * 2) })}
          </span>
        ))}
        {timed.map((visit) => (
          <div
            key={visit.id}
            class={`agenda-visit ${visit.status}`}
            style={{
              top: `${/** @type {number} */ (hours(visit.planned_time) - from) * HOUR}px`,
              height: `${Math.max(26, length(visit) * HOUR - 2)}px`,
            }}
          >
            <a class="clip" href={recordPath('visits', visit.id)}>
              <b>{visit.planned_time?.slice(0, 5)}</b> {visit.customer}
            </a>
            <small class="clip">{visit.city}</small>
            <Report visit={visit} />
          </div>
        ))}
        {at >= from && at <= end ? <i class="agenda-now" style={{ top: `${(at - from) * HOUR}px` }} /> : null}
      </div>
    </>
  );
}

/** @param {Visit} visit @returns {number} hours */
const length = (visit) => (visit.duration_minutes ?? 60) / 60;
