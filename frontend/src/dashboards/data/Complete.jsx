import { useRef, useState } from 'preact/hooks';
import { patch, query } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { recordPath, usePanel } from '../../app/paths.js';
import { t } from '../../i18n/index.js';
import { Segmented } from '../../ui/Choices.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, errorText } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { drillKey } from '../drill.js';
import { coded } from '../figures.js';

/**
 * Fields one fills here, with the column of the record that each is written to; the others are filled on the record.
 * @type {Record<string, Record<string, (value: string) => string>>}
 */
const COLUMNS = {
  contacts: {
    job_title: () => 'job_title',
    department: () => 'department',
    email: () => 'email',
    phone: () => 'phone',
  },
  customers: {
    registration: (value) => {
      const digits = value.replace(/\s/g, '');
      return /^\d{9}$/.test(digits) ? 'siren' : /^\d{14}$/.test(digits) ? 'siret' : 'vat_number';
    },
    sector: () => 'sector',
    phone: () => 'phone',
    address: () => '',
    owner: () => '',
    decision_maker: () => '',
  },
};
const SHOWN = 14;

/**
 * What is missing on the records that matter most, each cell a field: Enter saves and goes to the next.
 * @param {{board: import('../types.js').Board}} props
 */
export function Complete({ board }) {
  const { href } = usePanel();
  const [kind, setKind] = useState('contacts');
  const body = useRef(/** @type {HTMLTableSectionElement | null} */ (null));
  const rows = board.lists.to_complete
    .filter((/** @type {any} */ row) => row.resource === kind)
    .slice(0, SHOWN);
  const ids = rows.map((/** @type {any} */ row) => row.id);
  const { data, error } = useQuery(ids.length ? `/${kind}${query({ id: ids, limit: 100 })}` : null);
  const known = new Map((data?.items ?? []).map((/** @type {any} */ one) => [one.id, one]));
  const fields = Object.keys(COLUMNS[kind]);
  const next = (/** @type {HTMLInputElement} */ from) => {
    const all = /** @type {HTMLInputElement[]} */ ([...(body.current?.querySelectorAll('input') ?? [])]);
    const column = from.dataset.field;
    const after = all.slice(all.indexOf(from) + 1);
    const to = after.find((one) => one.dataset.field === column) ?? after[0];
    to?.focus();
    return !!to;
  };
  return (
    <Panel
      title={t('data.to_complete')}
      sub={t('data.to_complete_sub')}
      flush
      class="complete"
      link={{
        text: t('data.see_all'),
        href: href(drillKey(kind === 'contacts' ? 'contact_completeness' : 'customer_completeness')),
      }}
      actions={
        <Segmented
          label={t('data.which')}
          items={[
            { value: 'contacts', label: t('data.contacts') },
            { value: 'customers', label: t('data.customers') },
          ]}
          value={kind}
          onChange={setKind}
        />
      }
    >
      {rows.length === 0 ? (
        <EmptyState title={t('data.all_complete')}>{t('data.all_complete_help')}</EmptyState>
      ) : (
        <div class="table-box table">
          <table class="table">
            <caption class="vh">{t('data.to_complete')}</caption>
            <thead>
              <tr>
                <th scope="col">{t(`data.one_${kind}`)}</th>
                {fields.map((field) => (
                  <th scope="col" key={field}>
                    {coded('dash.field', field)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((/** @type {any} */ row) => (
                <tr key={row.id}>
                  <th scope="row">
                    <a class="row-link" href={recordPath(kind, row.id)}>
                      {row.title || t('dash.untitled')}
                    </a>
                    <small>
                      {[
                        row.details.weight === 3 ? t('data.decides') : null,
                        kind === 'contacts' ? row.customer : row.city,
                      ]
                        .filter(Boolean)
                        .join(', ')}
                    </small>
                  </th>
                  {fields.map((field) => (
                    <td key={field}>
                      <Cell
                        kind={kind}
                        field={field}
                        row={row}
                        record={known.get(row.id)}
                        waiting={!data && !error}
                        onNext={next}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** What a filled field says. @param {string} field @param {any} record @returns {string} */
function value(field, record) {
  if (!record) return '';
  if (field === 'name') return [record.first_name, record.last_name].filter(Boolean).join(' ');
  if (field === 'registration') return record.siret ?? record.siren ?? record.vat_number ?? '';
  if (field === 'address') return [record.postal_code, record.city].filter(Boolean).join(' ');
  if (field === 'owner') return record.labels?.owner_id ?? '';
  if (field === 'decision_maker') return t('data.known');
  if (field === 'phone') return record.phone ?? record.mobile ?? '';
  return record[field] ?? '';
}

/**
 * @param {{kind: string, field: string, row: any, record: any, waiting: boolean, onNext: (from: HTMLInputElement) => boolean}} props
 *   `waiting`: for the record; the cell already has its place
 */
function Cell({ kind, field, row, record, waiting, onNext }) {
  const [state, setState] = useState(/** @type {{saved?: string, error?: string, busy?: boolean}} */ ({}));
  const missing = row.details.missing.includes(field);
  if (!missing) return <span class="clip filled">{value(field, record) || '\u00a0'}</span>;
  const column = COLUMNS[kind][field]('');
  if (!column || !(record || waiting))
    return (
      <a
        class="link"
        href={recordPath(kind, row.id)}
        aria-label={`${t('do.complete')}, ${coded('dash.field', field)}, ${row.title}`}
      >
        {t('do.complete')}
      </a>
    );
  if (state.saved) return <span class="clip good">{state.saved}</span>;
  const save = async (/** @type {HTMLInputElement} */ input) => {
    const text = input.value.trim();
    if (!text || state.busy) return;
    const name = COLUMNS[kind][field](text);
    setState({ busy: true });
    try {
      const answer = await patch(`/${kind}/${row.id}`, { [name]: text }, `"${record.version}"`);
      const before = record[name];
      record.version = answer.data.version;
      setState({ saved: text });
      toast(t('data.saved', { who: row.title ?? '', field: coded('dash.field', field) }), {
        undo: async () => {
          try {
            const undone = await patch(`/${kind}/${row.id}`, { [name]: before }, `"${record.version}"`);
            record.version = undone.data.version;
            setState({});
          } catch (error) {
            toast(errorText(error), { tone: 'bad' });
          }
        },
      });
    } catch (error) {
      setState({ error: /** @type {any} */ (error).fields?.[name] ?? errorText(error) });
      if (/** @type {any} */ (error).status === 412) touched(kind);
      input.focus();
    }
  };
  return (
    <input
      class="cell-input"
      data-field={field}
      aria-label={`${coded('dash.field', field)}, ${row.title ?? ''}`}
      aria-invalid={state.error ? 'true' : undefined}
      title={state.error}
      placeholder={coded('dash.field', field)}
      inputMode={field === 'email' ? 'email' : field === 'phone' ? 'tel' : 'text'}
      disabled={state.busy || !record}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        const input = event.currentTarget;
        if (!input.value.trim()) return;
        // Leaving the field saves it.
        if (!onNext(input)) save(input);
      }}
      onBlur={(event) => save(event.currentTarget)}
    />
  );
}
