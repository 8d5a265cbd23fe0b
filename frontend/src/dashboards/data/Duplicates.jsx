import { useState } from 'preact/hooks';
import { post } from '../../api/client.js';
import { useQuery } from '../../api/query.js';
import { recordPath } from '../../app/paths.js';
import { number } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Segmented } from '../../ui/Choices.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/States.jsx';
import { perform } from '../actions.js';
import { coded } from '../figures.js';

/** Pairs that look like one record: merged, or told apart for good. */
export function Duplicates() {
  const [kind, setKind] = useState('customers');
  const [pair, setPair] = useState(/** @type {any} */ (null));
  const { data, error, refresh } = useQuery(`/duplicates?kind=${kind}&limit=4`);
  const apart = (/** @type {any} */ one) => {
    const both = { kind, first_id: one.first.id, second_id: one.second.id };
    return perform(() => post('/duplicates/dismiss', both), {
      said: t('data.told_apart', { name: nameOf(one.first) }),
      touches: ['duplicates'],
      undo: () => post('/duplicates/reconsider', both),
    });
  };
  return (
    <Panel
      title={t('data.duplicates')}
      sub={data ? number(data.count) : undefined}
      flush
      actions={
        <Segmented
          label={t('data.which')}
          items={[
            { value: 'customers', label: t('data.customers') },
            { value: 'contacts', label: t('data.contacts') },
          ]}
          value={kind}
          onChange={setKind}
        />
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={refresh} />
      ) : !data ? (
        <div class="panel-body">
          <Skeleton lines={4} />
        </div>
      ) : data.items.length ? (
        <ul class="pairs-list">
          {data.items.map((/** @type {any} */ one) => (
            <li key={one.first.id + one.second.id}>
              <span class="pair-names">
                <a class="row-link clip" href={recordPath(kind, one.first.id)}>
                  {nameOf(one.first)}
                </a>
                <a class="row-link clip" href={recordPath(kind, one.second.id)}>
                  {nameOf(one.second)}
                </a>
                <small>
                  {t('data.same', {
                    fields: one.reasons
                      .map((/** @type {string} */ field) => coded('data.reason', field))
                      .join(', '),
                  })}
                </small>
              </span>
              <span class="pair-actions">
                <Button
                  size="small"
                  onClick={() => setPair(one)}
                  aria-label={`${t('data.merge')}, ${nameOf(one.first)}`}
                >
                  {t('data.merge')}
                </Button>
                <Button
                  size="small"
                  variant="quiet"
                  onClick={() => apart(one)}
                  aria-label={`${t('data.apart')}, ${nameOf(one.first)}`}
                >
                  {t('data.apart')}
                </Button>
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState title={t('data.no_duplicate')}>{t('data.no_duplicate_help')}</EmptyState>
      )}
      {pair ? <Merge kind={kind} pair={pair} onClose={() => setPair(null)} /> : null}
    </Panel>
  );
}

/** @param {any} record @returns {string} */
const nameOf = (record) =>
  record.name ?? ([record.first_name, record.last_name].filter(Boolean).join(' ') || t('dash.untitled'));

const COMPARED = {
  customers: [
    'external_id',
    'siret',
    'siren',
    'vat_number',
    'street',
    'postal_code',
    'city',
    'phone',
    'email',
    'owner',
  ],
  contacts: ['customer', 'job_title', 'department', 'email', 'phone', 'mobile'],
};

/** Which of the two stays. @param {{kind: string, pair: any, onClose: () => void}} props */
function Merge({ kind, pair, onClose }) {
  const filled = (/** @type {any} */ one) =>
    Object.values(one).filter((value) => value !== null && value !== '').length;
  const [kept, setKept] = useState(filled(pair.second) > filled(pair.first) ? 'second' : 'first');
  const [busy, setBusy] = useState(false);
  const gone = kept === 'first' ? pair.second : pair.first;
  const merge = async () => {
    setBusy(true);
    const ok = await perform(() => post(`/${kind}/${gone.id}/merge`, { into_id: pair[kept].id }), {
      said: t('data.merged', { name: nameOf(pair[kept]) }),
      touches: ['duplicates', kind],
    });
    setBusy(false);
    if (ok) onClose();
  };
  const cell = (/** @type {any} */ record, /** @type {string} */ field) =>
    (field === 'owner'
      ? record.labels?.owner_id
      : field === 'customer'
        ? record.labels?.customer_id
        : record[field]) ?? '–';
  return (
    <Dialog
      open
      class="merge"
      onClose={onClose}
      title={t('data.merge_title')}
      sub={t('data.merge_help')}
      footer={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button variant="primary" busy={busy} onClick={merge}>
            {t('data.keep', { name: nameOf(pair[kept]) })}
          </Button>
        </>
      }
    >
      <table class="table">
        <caption class="vh">{t('data.merge_title')}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="vh">{t('data.field_label')}</span>
            </th>
            {['first', 'second'].map((side) => (
              <th scope="col" key={side}>
                <label class="check">
                  <input type="radio" name="kept" checked={kept === side} onChange={() => setKept(side)} />
                  <span>{nameOf(pair[side])}</span>
                </label>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {COMPARED[/** @type {'customers'|'contacts'} */ (kind)].map((field) => (
            <tr key={field}>
              <th scope="row">{coded('data.reason', field)}</th>
              <td>{cell(pair.first, field)}</td>
              <td>{cell(pair.second, field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
