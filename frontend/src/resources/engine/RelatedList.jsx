import { query } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { recordPath } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { money, number } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { DataTable } from '../../ui/DataTable.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { ErrorState, Skeleton } from '../../ui/States.jsx';
import { DESCRIPTIONS, mayCreate, mayRead, titleOf } from '../descriptions/index.js';
import { columnsOf } from './columns.jsx';
import { COUNTED } from './counted.js';
import { pluralOf } from './schema.js';

/**
 * A short list of records inside another page: each is a link, all of them one press away.
 * @param {{resource: string, filter: Record<string, any>, limit?: number, columns?: string[], sort?: string, title?: string,
 *   create?: Record<string, string> | false}} props
 *   `filter`: as the API takes it; `columns`: names of fields, by default the first four that the filter does not hold;
 *   `create`: what "New" is prefilled with, by default the filter, false for none. Nothing is drawn for a role that may not read it,
 *   nor of an empty list where none can be created
 */
export function RecordList(props) {
  return mayRead(props.resource, user.value?.role) ? <Shown {...props} /> : null;
}

/** @param {Parameters<typeof RecordList>[0]} props */
function Shown({ resource, filter, limit = 5, columns, sort, title, create = plainly(filter) }) {
  const said = DESCRIPTIONS[resource];
  const order = sort ?? said?.sort;
  const { data, error, refresh } = useQuery(
    `/${resource}${query({ ...filter, limit, sort: order, count: true, count_most: COUNTED })}`,
  );
  const names = columns ?? (said?.columns ?? []).filter((name) => !(name in filter)).slice(0, 4);
  const search = query({ ...filter, sort: sort && sort !== said?.sort ? sort : null });
  const all = `${recordPath(resource)}${search}`;
  const fresh =
    create && mayCreate(resource, user.value?.role) ? `${recordPath(resource)}/new${query(create)}` : null;
  // Nothing there and nothing to start: no place is taken.
  if (data && data.items.length === 0 && !fresh) return null;
  return (
    <Panel
      title={title ?? pluralOf(resource)}
      sub={
        data
          ? [
              number(data.count) + (data.count_more ? ' +' : ''),
              data.count && data.sums ? money(data.sums.base_amount) : null,
            ]
              .filter(Boolean)
              .join(' · ')
          : null
      }
      flush
      class="related"
      link={data && data.count > data.items.length ? { text: t('rec.see_all'), href: all } : undefined}
      actions={
        fresh ? (
          <a class="link" href={fresh}>
            {t(`rec.new.${resource}`)}
          </a>
        ) : null
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={refresh} />
      ) : !data ? (
        <Skeleton lines={2} class="panel-body" />
      ) : data.items.length ? (
        <DataTable
          caption={title ?? pluralOf(resource)}
          columns={columnsOf(resource, names)}
          rows={data.items}
          href={(row) => recordPath(resource, row.id)}
          rowLabel={(row) => titleOf(resource, row)}
        />
      ) : null}
    </Panel>
  );
}

/** The parts of a filter that a new record can take over. @param {Record<string, any>} filter */
const plainly = (filter) =>
  Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => /_id$/.test(name) && typeof value === 'string'),
  );
