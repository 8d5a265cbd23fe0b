import { useQuery } from '../../api/query.js';
import { recordPath } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { date, instant, moneyExact, percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Tag } from '../../ui/Text.jsx';
import { mayRead, titleOf } from '../descriptions/index.js';
import { showDecimal } from './decimals.js';
import { useLookup } from './lookup.js';
import { labelOf } from './reference.js';
import { optionLabel } from './schema.js';

/** States worth a colour. @type {Record<string, 'plain'|'bad'|'warn'|'good'>} */
const TONES = {
  won: 'good',
  accepted: 'good',
  confirmed: 'good',
  held: 'good',
  done: 'good',
  qualified: 'good',
  converted: 'good',
  active: 'good',
  lost: 'bad',
  refused: 'bad',
  expired: 'warn',
  cancelled: 'bad',
  disqualified: 'bad',
  high: 'warn',
};
const IN_COMPANY_CURRENCY = /^base_/;
const STATES = new Set(['status', 'priority', 'customer_class']);
const NONE = '–';

/**
 * One value of a record, as it is read.
 * @param {{resource: string, field: import('./schema.js').SchemaField, record: any, of?: any, plain?: boolean, short?: boolean}} props
 *   `of`: the document of a line; `plain`: without links, inside a link; `short`: as a cell of a table
 */
export function Value({ resource, field, record, of = record, plain = false, short = false }) {
  const value = record[field.name];
  if (value === null || value === undefined || value === '') return <span class="quiet">{NONE}</span>;
  switch (field.type) {
    case 'money':
      return moneyExact(value, IN_COMPANY_CURRENCY.test(field.name) ? undefined : (of.currency ?? undefined));
    case 'decimal':
      return showDecimal(value);
    case 'integer':
      return showDecimal(value);
    case 'ratio':
      return percent(value, { digits: Number.isInteger(Math.round(Number(value) * 1e6) / 1e4) ? 0 : 1 });
    case 'date':
      return date(value);
    case 'instant':
      return short ? date(value) : instant(value);
    case 'boolean':
      return t(value ? 'rec.yes' : 'rec.no');
    case 'enum': {
      const label = optionLabel(resource, field.name, value);
      return STATES.has(field.name) ? <Tag tone={TONES[value] ?? 'plain'}>{label}</Tag> : label;
    }
    case 'ref':
    case 'id':
      return <Referred field={field} id={value} label={record.labels?.[field.name]} plain={plain} />;
    case 'refs':
      return <Several resource={/** @type {string} */ (field.ref)} ids={value} />;
    case 'email':
      return plain ? (
        value
      ) : (
        <a class="link" href={`mailto:${value}`}>
          {value}
        </a>
      );
    case 'phone':
      return plain ? (
        value
      ) : (
        <a class="link" href={`tel:${value.replace(/[^\d+]/g, '')}`}>
          {value}
        </a>
      );
    case 'url':
      return plain || !/^https?:/.test(value) ? (
        value
      ) : (
        <a class="link" href={value} target="_blank" rel="noreferrer">
          {value.replace(/^https?:\/\/(www\.)?|\/$/g, '')}
        </a>
      );
    case 'long':
      return short ? <span class="clip">{value}</span> : <span class="prose">{value}</span>;
    default:
      return short ? <span class="clip">{String(value)}</span> : String(value);
  }
}

/** @param {{field: import('./schema.js').SchemaField, id: string, label?: string | null, plain: boolean}} props */
function Referred({ field, id, label, plain }) {
  const ref = field.ref ?? '';
  const data = useLookup(ref, label || !ref ? null : id);
  const text = label ? labelOf(ref, label) : data ? titleOf(ref, data) : NONE;
  if (plain || !ref || !mayRead(ref, user.value?.role)) return text;
  return (
    <a class="link" href={recordPath(ref, id)}>
      {text}
    </a>
  );
}

/**
 * A fact of the record that this one names: the customer of a report's visit.
 * @param {{through: import('./schema.js').SchemaField, field: import('./schema.js').SchemaField, record: any}} props
 */
export function Through({ through, field, record }) {
  const ref = through.ref ?? '';
  const found = useLookup(ref, record[through.name]);
  return found ? (
    <Value resource={ref} field={field} record={found} short />
  ) : (
    <span class="quiet">{NONE}</span>
  );
}

/** @param {{resource: string, ids: string[]}} props */
function Several({ resource, ids }) {
  const { data } = useQuery(
    ids.length
      ? `/${resource}?limit=100&${ids
          .slice(0, 100)
          .map((id) => `id=${id}`)
          .join('&')}`
      : null,
  );
  const found = /** @type {any[]} */ (data?.items ?? []);
  if (ids.length === 0) return <span class="quiet">{NONE}</span>;
  return (
    <span class="several-links">
      {found.map((row) => (
        <a key={row.id} class="link" href={recordPath(resource, row.id)}>
          {titleOf(resource, row)}
        </a>
      ))}
      {ids.length > 100 ? <span>{t('rec.and_more', { n: ids.length - 100 })}</span> : null}
    </span>
  );
}
