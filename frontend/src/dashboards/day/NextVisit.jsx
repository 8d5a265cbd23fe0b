import { to } from '../../app/paths.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { hourNow, hours } from './hours.js';

/** On a phone, the visit one is driving to. @param {{agenda: import('./Agenda.jsx').Visit[]}} props */
export function NextVisit({ agenda }) {
  const now = hourNow();
  const next = agenda.find(
    (visit) => visit.status === 'planned' && visit.planned_time && hours(visit.planned_time) > now - 0.5,
  );
  const owners = new Set(agenda.map((visit) => visit.owner_id));
  if (!next || owners.size > 1) return null;
  const place = [next.customer, next.location, next.city].filter(Boolean).join(', ');
  return (
    <section class="panel next-visit phone-only" aria-label={t('day.next_visit')}>
      <small>{t('day.next_visit')}</small>
      <b>
        {next.planned_time?.slice(0, 5)}, {next.customer}
      </b>
      <small>{[next.city, next.purpose].filter(Boolean).join(', ')}</small>
      <span class="next-actions">
        <Button
          variant="primary"
          href={`https://www.openstreetmap.org/search?query=${encodeURIComponent(place)}`}
          target="_blank"
          rel="noreferrer"
        >
          {t('day.route')}
        </Button>
        {next.phone ? (
          <Button href={`tel:${next.phone.replace(/[^\d+]/g, '')}`}>{t('day.call')}</Button>
        ) : null}
        <Button href={to(`report?visit=${next.id}`)}>{t('day.report')}</Button>
      </span>
    </section>
  );
}
