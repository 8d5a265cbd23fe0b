import { useLocation } from 'preact-iso';
import { useQuery } from '../../api/query.js';
import { useTitle } from '../../app/dashboard.js';
import { recordPath } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/States.jsx';
import { mayCreate, mayWrite, titleOf } from '../descriptions/index.js';
import { Back } from './Back.jsx';
import { RecordForm } from './RecordForm.jsx';
import { singularOf } from './schema.js';

/** A page to create a record, filled by its address, or to change one. @param {{resource: string, id: string | null}} props */
export function FormPage({ resource, id }) {
  const { query, route } = useLocation();
  const { data, error, refresh } = useQuery(id ? `/${resource}/${encodeURIComponent(id)}` : null);
  const role = user.value?.role;
  const back = recordPath(resource, id ?? undefined);
  useTitle(id ? singularOf(resource) : t(`rec.new.${resource}`));
  if (!(id ? mayWrite(resource, role) : mayCreate(resource, role)))
    return (
      <EmptyState page title={t('rec.not_yours')} action={<Button href={back}>{t('ui.close')}</Button>} />
    );
  const title = !id
    ? t(`rec.new.${resource}`)
    : data
      ? t('rec.editing', { title: titleOf(resource, data) })
      : ' ';
  return (
    <section class="record-page form-page" aria-labelledby="record-title">
      <Back resource={resource} record={id ? data : null} />
      <header class="record-head">
        <h1 id="record-title">{title}</h1>
      </header>
      {error && !data ? (
        <ErrorState error={error} onRetry={refresh} />
      ) : id && !data ? (
        <Skeleton lines={10} />
      ) : (
        <RecordForm
          resource={resource}
          record={id ? data : undefined}
          prefill={query}
          onCancel={() => (history.length > 1 ? history.back() : route(back))}
          onSaved={(record) => route(recordPath(resource, record.id), true)}
        />
      )}
    </section>
  );
}
