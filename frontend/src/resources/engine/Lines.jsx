import { post } from '../../api/client.js';
import { user } from '../../app/session.js';
import { perform } from '../../dashboards/actions.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { DataTable } from '../../ui/DataTable.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { DESCRIPTIONS, mayWrite } from '../descriptions/index.js';
import { fieldLabel, fieldOf } from './schema.js';
import { Value } from './Value.jsx';

const NUMBERS = new Set(['money', 'decimal', 'ratio', 'integer']);

/**
 * The lines of a document with the totals that the API computed.
 * @param {{resource: string, field: import('./schema.js').SchemaField, record: any, refresh: () => void}} props
 */
export function Lines({ resource, field, record, refresh }) {
  const rows = /** @type {any[]} */ (record[field.name] ?? []);
  const said = DESCRIPTIONS[resource].rows;
  const names = (said?.fields ?? (field.fields ?? []).map((one) => one.name)).filter(
    // A line carries the description; the product is named by it.
    (name) => name !== 'product_id' || rows.some((row) => row.product_id && !row.description),
  );
  const within = field.name === 'actions' ? 'actions' : resource;
  /** @type {import('../../ui/DataTable.jsx').Column[]} */
  const columns = names.flatMap((name) => {
    const one = field.fields?.find((other) => other.name === name);
    if (!one || (name !== names[0] && one.type !== 'decimal' && rows.every((row) => empty(row[name]))))
      return [];
    return [
      {
        key: name,
        label: fieldLabel(resource, name),
        numeric: NUMBERS.has(one.type),
        render: (/** @type {any} */ row) => (
          <Value resource={within} field={one} record={row} of={record} plain={name === names[0]} />
        ),
      },
    ];
  });
  if (field.name === 'actions' && mayWrite(resource, user.value?.role))
    columns.push({
      key: 'do',
      label: t('rec.actions'),
      hideLabel: true,
      numeric: true,
      render: (row) => <Step plan={record.id} row={row} refresh={refresh} />,
    });
  return (
    <Panel
      title={fieldLabel(resource, field.name)}
      sub={rows.length ? String(rows.length) : null}
      flush
      class="lines"
    >
      {rows.length ? (
        <DataTable caption={fieldLabel(resource, field.name)} columns={columns} rows={rows} />
      ) : (
        <p class="none-yet">{t('rec.none_yet')}</p>
      )}
      {said?.total ? <Totals resource={resource} record={record} names={said.total} /> : null}
    </Panel>
  );
}

/** @param {any} value */
const empty = (value) => value === null || value === undefined || value === '' || Number(value) === 0;

/** @param {{resource: string, record: any, names: string[]}} props */
function Totals({ resource, record, names }) {
  return (
    <dl class="totals-list">
      {names.map((name) => {
        const field = fieldOf(resource, name);
        if (!field || (name === 'credited_amount' && Number(record[name]) === 0)) return null;
        return (
          <div key={name} class={name === names.at(-1) ? 'last' : ''}>
            <dt>{fieldLabel(resource, name)}</dt>
            <dd>
              <Value resource={resource} field={field} record={record} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** An action of a plan, done or to do again. @param {{plan: string, row: any, refresh: () => void}} props */
function Step({ plan, row, refresh }) {
  if (row.status === 'cancelled') return null;
  const path = (/** @type {string} */ verb) => `/action-plans/${plan}/actions/${row.id}/${verb}`;
  const [verb, opposite] = row.status === 'done' ? ['reopen', 'done'] : ['done', 'reopen'];
  const label = t(`v.tasks.${verb}`);
  return (
    <Button
      size="small"
      aria-label={`${label}, ${row.title}`}
      onClick={() =>
        perform(() => post(path(verb)), {
          said: t('rec.act_done', { what: label, title: row.title }),
          touches: ['action-plans'],
          undo: () => post(path(opposite)),
        }).then(refresh)
      }
    >
      {label}
    </Button>
  );
}
