import { useState } from 'preact/hooks';
import { Lazily } from '../app/Lazily.jsx';
import { recordPath } from '../app/paths.js';
import { t } from '../i18n/index.js';
import { Button, IconButton } from '../ui/Button.jsx';
import { Menu } from '../ui/Menu.jsx';
import { about, actionOf, cancelVisit, rowPath } from './actions.js';

const loadDialog = () => import('./ActionDialog.jsx');

/**
 * The first action of a row as a button, and the others in a menu. What is done is done here.
 * @param {{row: import('./types.js').Row, code?: string | null, primary?: boolean, link?: boolean, menu?: boolean, onDone?: () => void}} props
 *   `link`: as a link of the text rather than a button; `menu`: the other actions too
 */
export function RowAction({ row, code, primary = false, link = false, menu = false, onDone }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(/** @type {string | null} */ (null));
  const action = actionOf(row, code);
  const run = async () => {
    if (busy) return;
    if (action.ask) return setAsking(action.ask);
    setBusy(true);
    const ok = await action.run?.();
    setBusy(false);
    if (ok) onDone?.();
  };
  const say = `${action.label}, ${about(row)}`;
  const how = action.href ? { href: action.href } : { onClick: run };
  return (
    <>
      {link ? (
        action.href ? (
          <a class="link" href={action.href} aria-label={say}>
            {action.label}
          </a>
        ) : (
          <button type="button" class="link" onClick={run} aria-label={say}>
            {action.label}
          </button>
        )
      ) : (
        <Button
          variant={primary ? 'primary' : 'plain'}
          size="small"
          class="row-action"
          busy={busy}
          aria-label={say}
          {...how}
        >
          {action.label}
        </Button>
      )}
      {menu ? (
        <Menu
          align="end"
          label={t('ui.more_actions_for', { name: about(row) })}
          trigger={(attributes) => (
            <IconButton
              icon="dots"
              size="small"
              class="row-menu"
              label={t('ui.more_actions_for', { name: about(row) })}
              {...attributes}
            />
          )}
          items={others(row, code, setAsking)}
        />
      ) : null}
      {asking ? (
        <Lazily
          load={loadDialog}
          kind={asking}
          row={row}
          onClose={(/** @type {boolean} */ ok) => {
            setAsking(null);
            if (ok) onDone?.();
          }}
        />
      ) : null}
    </>
  );
}

/**
 * @param {import('./types.js').Row} row @param {string | null | undefined} code @param {(kind: string) => void} ask
 * @returns {import('../ui/Menu.jsx').MenuItem[]}
 */
function others(row, code, ask) {
  /** @type {import('../ui/Menu.jsx').MenuItem[]} */
  const items = [];
  const add = (/** @type {string} */ key, /** @type {string} */ label, /** @type {any} */ how) =>
    items.push({ key, label, ...how });
  if (row.resource === 'quotes') {
    add('note', t('do.follow_up_note'), { onSelect: () => ask('follow_up') });
    add('accept', t('do.accept'), { onSelect: () => ask('accept') });
    add('refuse', t('do.refuse'), { onSelect: () => ask('refuse') });
  }
  if (row.resource === 'visits') {
    if (code !== 'report') add('report', t('do.report'), { href: actionOf(row, 'report').href });
    if (code !== 'reschedule') add('reschedule', t('do.reschedule'), { onSelect: () => ask('reschedule') });
    add('cancel', t('do.cancel_visit'), { onSelect: () => cancelVisit(row) });
  }
  if (row.resource === 'tasks') add('later', t('do.later'), { onSelect: () => ask('reschedule') });
  if (row.customer_id && code !== 'call') add('call', t('do.call'), { onSelect: () => ask('call') });
  if (row.customer_id && row.resource !== 'visits' && code !== 'plan_visit')
    add('visit', t('do.plan_visit'), { onSelect: () => ask('visit') });
  add('open', t('do.open'), { href: rowPath(row) });
  if (row.customer_id && row.resource !== 'customers')
    add('customer', t('do.open_customer'), { href: recordPath('customers', row.customer_id) });
  return items;
}
