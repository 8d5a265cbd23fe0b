import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../../api/query.js';
import { instant } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { ErrorState, Skeleton } from '../../ui/States.jsx';
import { fieldLabel, fieldOf } from './schema.js';
import { Value } from './Value.jsx';

/** Who changed what of this record, and when: read once somebody asks for it. @param {{resource: string, record: any}} props */
export function History({ resource, record }) {
  const [open, setOpen] = useState(false);
  const { data, error, refresh } = useQuery(open ? `/changes/${resource}/${record.id}` : null);
  // What has just been saved is told.
  useEffect(() => {
    if (open && data) refresh();
  }, [record.version]);
  return (
    <details class="panel history" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('rec.history')}</summary>
      {error && !data ? (
        <ErrorState error={error} onRetry={refresh} />
      ) : open && !data ? (
        <Skeleton lines={3} />
      ) : (
        <ol>
          {data?.items.map((/** @type {any} */ write) => (
            <li key={write.at}>
              <p>
                <time dateTime={write.at}>{instant(write.at)}</time>
                <br />
                <b>{write.by ?? t('rec.h_someone')}</b> {t(`rec.h_${write.operation}`)}
              </p>
              {write.changes.length ? (
                <ul>
                  {write.changes.map((/** @type {any} */ change) => (
                    <li key={change.field}>
                      <Changed resource={resource} record={record} change={change} />
                    </li>
                  ))}
                </ul>
              ) : null}
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

/** @param {{resource: string, record: any, change: any}} props */
function Changed({ resource, record, change }) {
  const field = fieldOf(resource, change.field);
  const label = fieldLabel(resource, change.field);
  if (!field || field.type === 'rows' || field.type === 'refs') return label;
  const side = (/** @type {'before' | 'after'} */ which) => (
    <Value
      resource={resource}
      field={field}
      record={{ ...record, [field.name]: change[which], labels: { [field.name]: change[`${which}_label`] } }}
      plain
      short
    />
  );
  return (
    <>
      <span class="quiet">{label}</span> {side('before')} → {side('after')}
    </>
  );
}
