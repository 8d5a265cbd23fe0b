import { useState } from 'preact/hooks';
import { API, post, remove } from '../../api/client.js';
import { touched, useQuery } from '../../api/query.js';
import { user } from '../../app/session.js';
import { date } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { Select, TextField } from '../../ui/Field.jsx';
import { errorText, Notice } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { Copied } from './Copied.jsx';
import { Listed } from './parts.jsx';

/**
 * What a key is for, and what it may do: nothing more. A `feed` stands in an address and only reads.
 * @type {Record<string, {kind: 'key'|'feed', scopes: string[], roles?: string[], address?: (token: string) => string}>}
 */
const PURPOSES = {
  calendar: {
    kind: 'feed',
    scopes: ['visits:read'],
    address: (token) => `/calendar/visits.ics?token=${token}`,
  },
  sheet: {
    kind: 'feed',
    scopes: ['kpi:read'],
    address: (token) =>
      `/kpi/ordered_amount?period=this-year&interval=month&group_by=rep&format=csv&token=${token}`,
  },
  bi: { kind: 'key', scopes: ['*:read'] },
  assistant: { kind: 'key', scopes: ['mcp:read', '*:read'] },
  erp: {
    kind: 'key',
    scopes: [
      'changes:read',
      'customers:write',
      'contacts:write',
      'products:write',
      'quotes:write',
      'orders:write',
      'deliveries:write',
      'invoices:write',
      'payments:write',
      'imports:write',
    ],
    roles: ['director', 'admin'],
  },
};

/** @param {string[]} scopes @returns {string} what a key may do: the purpose it was made for, else the scopes themselves */
function mayDo(scopes) {
  const same = (/** @type {string[]} */ other) => [...other].sort().join() === [...scopes].sort().join();
  const purpose = Object.keys(PURPOSES).find((one) => same(PURPOSES[one].scopes));
  return purpose ? t(`settings.key_may_${purpose}`) : scopes.join(' ');
}

/** @param {string} path @returns {string} as another program asks for it */
const whole = (path) => new URL(`${API}${path}`, location.href).href;

/** One's keys and subscriptions: made for a purpose, shown once, withdrawn at any time. */
export function Keys() {
  const state = useQuery('/api-keys?limit=100');
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState(/** @type {any} */ (null));
  /** @type {any[]} */
  const items = (state.data?.items ?? []).filter((/** @type {any} */ one) => !one.revoked_at);
  return (
    <Listed
      title={t('settings.keys')}
      sub={t('settings.keys_sub')}
      add={t('settings.key_new')}
      onAdd={() => setMaking(true)}
      state={state}
      items={items}
      none={t('settings.key_none')}
      help={t('settings.key_none_help')}
      row={(one) => (
        <>
          <span>
            <b>{one.name}</b>
            <small>{mayDo(one.scopes)}</small>
            <small>{lifeOf(one)}</small>
          </span>
          <Button
            size="small"
            variant="danger"
            aria-label={`${t('settings.key_end')}, ${one.name}`}
            onClick={() => setEnding(one)}
          >
            {t('settings.key_end')}
          </Button>
        </>
      )}
    >
      {making ? <Making onClose={() => setMaking(false)} /> : null}
      {ending ? <Ending one={ending} onClose={() => setEnding(null)} /> : null}
    </Listed>
  );
}

/** Whose it is when not one's own, and since and until when. @param {any} one @returns {string} */
const lifeOf = (one) =>
  [
    `${one.prefix}…`,
    one.labels.user_id === user.value?.name ? null : one.labels.user_id,
    t('settings.key_made', { on: date(one.created_at) }),
    one.last_used_at ? t('settings.key_used', { on: date(one.last_used_at) }) : t('settings.key_unused'),
    one.expires_at ? t('settings.key_until', { on: date(one.expires_at) }) : null,
  ]
    .filter(Boolean)
    .join(', ');

/** @param {{onClose: () => void}} props */
function Making({ onClose }) {
  const role = user.value?.role ?? '';
  const purposes = Object.entries(PURPOSES).filter(([, { roles }]) => !roles || roles.includes(role));
  const [purpose, setPurpose] = useState(purposes[0][0]);
  const [name, setName] = useState('');
  const [made, setMade] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const { kind, scopes, address } = PURPOSES[purpose];
  const make = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const body = { kind, scopes, name: name.trim() || t(`settings.key_for_${purpose}`) };
      const { data } = await post('/api-keys', body);
      setMade(data);
      touched('api-keys');
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(made ? 'settings.key_ready' : 'settings.key_new')}
      footer={
        made ? (
          <Button variant="primary" onClick={onClose}>
            {t('ui.close')}
          </Button>
        ) : (
          <>
            <Button variant="quiet" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button variant="primary" busy={busy} onClick={make}>
              {t('settings.key_make')}
            </Button>
          </>
        )
      }
    >
      <div class="stack">
        {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
        {made ? (
          <>
            <p>{t(address ? 'settings.key_address_once' : 'settings.key_once')}</p>
            <Copied text={address ? whole(address(made.key)) : made.key} />
            {address ? null : (
              <Copied
                text={`curl -H "Authorization: Bearer ${made.key}" "${whole(purpose === 'erp' ? '/orders?limit=1' : '/kpi/ordered_amount')}"`}
              />
            )}
          </>
        ) : (
          <>
            <Select
              label={t('settings.key_for')}
              value={purpose}
              onChange={setPurpose}
              options={purposes.map(([one]) => ({ value: one, label: t(`settings.key_for_${one}`) }))}
              hint={t(`settings.key_for_${purpose}_help`)}
            />
            <TextField label={t('settings.key_name')} optional value={name} onInput={setName} />
          </>
        )}
      </div>
    </Dialog>
  );
}

/** @param {{one: any, onClose: () => void}} props */
function Ending({ one, onClose }) {
  const [busy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    try {
      await remove(`/api-keys/${one.id}`, null);
      toast(t('settings.key_ended', { name: one.name }));
      touched('api-keys');
      onClose();
    } catch (error) {
      toast(errorText(error), { tone: 'bad' });
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('settings.key_end_title', { name: one.name })}
      footer={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t('ui.cancel')}
          </Button>
          <Button variant="danger" busy={busy} onClick={end}>
            {t('settings.key_end')}
          </Button>
        </>
      }
    >
      <p>{t('settings.key_end_help')}</p>
    </Dialog>
  );
}
