import { useQuery } from '../../api/query.js';
import { useTitle } from '../../app/dashboard.js';
import { Lazily } from '../../app/Lazily.jsx';
import { to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { instant } from '../../i18n/format.js';
import { hasText, t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/States.jsx';
import { DESCRIPTIONS, titleOf } from '../descriptions/index.js';
import { Actions } from './Actions.jsx';
import { Back } from './Back.jsx';
import { factFields } from './fields.js';
import { History } from './History.jsx';
import { Lines } from './Lines.jsx';
import { RecordList } from './RelatedList.jsx';
import { fieldLabel, fieldOf, RESOURCES, schemaOf, singularOf } from './schema.js';
import { Through, Value } from './Value.jsx';

/** Pages of a resource that show more than its related lists: `custom/<resource>.jsx`. */
const custom = /** @type {Record<string, () => Promise<{default: any}>>} */ (
  import.meta.glob('../custom/*.jsx')
);

/** What a record has become: never folded away. */
const BECOMES = ['customer_id', 'opportunity_id', 'merged_into_id'];

/** Lists that an action of the record fills: nobody should start one by hand there. */
const BY_VERB = new Set([
  'orders.quote_id',
  'invoices.order_id',
  'invoices.credited_invoice_id',
  'payments.invoice_id',
  'visit-reports.visit_id',
]);

/** A record made from another is of the same customer. @param {string} other resource made @param {any} record @returns {Record<string, string>} */
const customerOf = (other, record) =>
  record.customer_id && fieldOf(other, 'customer_id') ? { customer_id: record.customer_id } : {};

/** One record: what to do next, its facts, its lines, and what belongs to it. @param {{resource: string, id: string}} props */
export function Record({ resource, id }) {
  const { data, error, at, etag, refresh } = useQuery(`/${resource}/${encodeURIComponent(id)}`);
  useTitle(data ? titleOf(resource, data) : singularOf(resource));
  if (error && !data) {
    const gone = error.status === 404 || error.status === 422;
    return (
      <section class="record-page">
        <Back resource={resource} />
        {gone ? (
          <EmptyState
            page
            title={t('app.not_found')}
            action={<Button href={to('')}>{t('app.back_home')}</Button>}
          >
            {t('app.not_found_help')}
          </EmptyState>
        ) : (
          <ErrorState error={error} onRetry={refresh} />
        )}
      </section>
    );
  }
  if (!data)
    return (
      <section class="record-page">
        <Back resource={resource} />
        <Skeleton lines={12} />
      </section>
    );
  const own = custom[`../custom/${resource}.jsx`];
  const state = fieldOf(resource, 'status');
  const whose = fieldOf(resource, 'customer_id');
  const visit = fieldOf(resource, 'visit_id');
  const customer = fieldOf('visits', 'customer_id');
  const title = titleOf(resource, data);
  return (
    <section class="record-page" aria-labelledby="record-title">
      <Back resource={resource} />
      <header class="record-head">
        <div>
          <p class="record-kind">
            {singularOf(resource)}
            {visit && customer && !whose ? (
              <>
                {', '}
                <Through through={visit} field={customer} record={data} />
              </>
            ) : null}
            {whose && data.labels?.customer_id && !title.includes(data.labels.customer_id) ? (
              <>
                {', '}
                <Value resource={resource} field={whose} record={data} />
              </>
            ) : null}
          </p>
          <h1 id="record-title">{title}</h1>
        </div>
        {state ? <Value resource={resource} field={state} record={data} /> : null}
        <Actions resource={resource} record={data} etag={etag} refresh={refresh} />
      </header>
      {error ? <ErrorState error={error} since={at} onRetry={refresh} /> : null}
      <div class="record-body">
        <div class="record-side">
          <Facts resource={resource} record={data} />
          <History resource={resource} record={data} />
        </div>
        <div class="record-main">
          {(schemaOf(resource)?.fields ?? [])
            .filter((field) => field.type === 'rows')
            .map((field) => (
              <Lines key={field.name} resource={resource} field={field} record={data} refresh={refresh} />
            ))}
          {own ? (
            <Lazily load={own} fallback={<Skeleton lines={8} />} record={data} refresh={refresh} />
          ) : (
            relatedTo(resource).map(({ other, field }) => (
              <RecordList
                key={`${other}.${field}`}
                resource={other}
                filter={{ [field]: data.id }}
                title={hasText(`rec.rel.${other}.${field}`) ? t(`rec.rel.${other}.${field}`) : undefined}
                create={
                  BY_VERB.has(`${other}.${field}`) ? false : { ...customerOf(other, data), [field]: data.id }
                }
              />
            ))
          )}
        </div>
      </div>
    </section>
  );
}

/** The lists whose filters name this resource. @param {string} resource @returns {{other: string, field: string}[]} */
function relatedTo(resource) {
  const said = DESCRIPTIONS[resource].related;
  if (said)
    return said.map((one) => {
      const [other, field] = one.split('.');
      return { other, field };
    });
  return RESOURCES.flatMap((other) =>
    (schemaOf(other)?.filters ?? [])
      .filter(
        ({ name }) =>
          name !== 'merged_into_id' && name !== 'root_id' && fieldOf(other, name)?.ref === resource,
      )
      .map(({ name }) => ({ other, field: name })),
  );
}

/** @param {{resource: string, record: any}} props */
function Facts({ resource, record }) {
  const fields = factFields(resource, record, user.value?.role).filter(({ name }) => name !== 'status');
  const main = new Set([...(DESCRIPTIONS[resource].main ?? fields.map(({ name }) => name)), ...BECOMES]);
  const more = fields.filter(({ name }) => !main.has(name));
  return (
    <Panel title={t('rec.facts')} class="facts">
      <Pairs resource={resource} record={record} fields={fields.filter(({ name }) => main.has(name))} />
      {more.length ? (
        <details class="more-fields">
          <summary>{t('rec.facts_more')}</summary>
          <Pairs resource={resource} record={record} fields={more} />
        </details>
      ) : null}
      <p class="stamps">
        {t('rec.created_at', { when: instant(record.created_at) })}
        {record.version > 1 ? (
          <>
            <br />
            {t('rec.updated_at', { when: instant(record.updated_at) })}
          </>
        ) : null}
      </p>
    </Panel>
  );
}

/** @param {{resource: string, record: any, fields: import('./schema.js').SchemaField[]}} props */
const Pairs = ({ resource, record, fields }) => (
  <dl>
    {fields.map((field) => (
      <div key={field.name} class={field.type === 'long' ? 'long' : ''}>
        <dt>{fieldLabel(resource, field.name)}</dt>
        <dd>
          <Value resource={resource} field={field} record={record} />
        </dd>
      </div>
    ))}
  </dl>
);
