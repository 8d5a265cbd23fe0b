import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { get, post, remove } from '../../api/client.js';
import { refresh as readAgain, touched } from '../../api/query.js';
import { recordPath, to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { perform } from '../../dashboards/actions.js';
import { t } from '../../i18n/index.js';
import { Button, IconButton } from '../../ui/Button.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { Menu } from '../../ui/Menu.jsx';
import { Notice } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { mayWrite, titleOf } from '../descriptions/index.js';
import { doingsOf } from '../descriptions/verbs.js';
import { refusalText } from './refusals.js';
import { schemaOf } from './schema.js';
import { VerbDialog } from './VerbDialog.jsx';

const SHOWN = 2;

/**
 * What one can do with a record: the next step first.
 * @param {{resource: string, record: any, etag: string | null, refresh: () => Promise<void>}} props
 */
export function Actions({ resource, record, etag, refresh }) {
  const { route } = useLocation();
  const [asking, setAsking] = useState(/** @type {string | null} */ (null));
  const [deleting, setDeleting] = useState(false);
  const role = user.value?.role;
  const schema = schemaOf(resource);
  const doings = doingsOf(resource, record, role);
  const shown = doings.filter((one) => !one.folded).slice(0, SHOWN);
  const folded = doings.filter((one) => !shown.includes(one));
  const writes = mayWrite(resource, role);
  const title = titleOf(resource, record);

  const run = (/** @type {import('../descriptions/verbs.js').Doing} */ doing) => {
    if (!doing.direct) return setAsking(doing.verb);
    perform(() => post(`/${resource}/${record.id}/${doing.verb}`), {
      said: t('rec.act_done', { what: t(`v.${resource}.${doing.verb}`), title }),
      touches: [resource],
      undo: doing.undo ? () => post(`/${resource}/${record.id}/${doing.undo}`) : undefined,
    }).then(refresh);
  };
  const done = (/** @type {string} */ verb, /** @type {any} */ answer) => {
    setAsking(null);
    const target = schema?.verbs[verb]?.answers ?? resource;
    toast(t('rec.act_done', { what: t(`v.${resource}.${verb}`), title }));
    readAgain();
    const elsewhere = target !== resource || (answer?.id && answer.id !== record.id);
    if (elsewhere && answer?.id && target !== 'payments') route(recordPath(target, answer.id));
  };
  const how = (/** @type {import('../descriptions/verbs.js').Doing} */ doing) =>
    doing.href ? { href: to(doing.href(record)) } : { onClick: () => run(doing) };

  /** @type {import('../../ui/Menu.jsx').MenuItem[]} */
  const items = folded.map((doing) => ({
    key: doing.verb,
    label: t(`v.${resource}.${doing.verb}`),
    danger: doing.danger,
    ...(doing.href ? { href: to(doing.href(record)) } : { onSelect: () => run(doing) }),
  }));
  if (writes && schema?.deletes) {
    if (items.length) items.push({ key: '-', divider: true });
    items.push({
      key: 'delete',
      label: t('rec.delete'),
      icon: 'trash',
      danger: true,
      onSelect: () => setDeleting(true),
    });
  }
  return (
    <div class="record-actions">
      {shown.map((doing, i) => (
        <Button key={doing.verb} variant={i === 0 ? 'primary' : 'plain'} {...how(doing)}>
          {t(`v.${resource}.${doing.verb}`)}
        </Button>
      ))}
      {writes && schema?.edits ? (
        <Button icon="edit" href={`${recordPath(resource, record.id)}/edit`}>
          {t('rec.edit')}
        </Button>
      ) : null}
      {items.length ? (
        <Menu
          align="end"
          label={t('ui.more_actions_for', { name: title })}
          items={items}
          trigger={(attributes) => (
            <IconButton icon="dots" label={t('ui.more_actions_for', { name: title })} {...attributes} />
          )}
        />
      ) : null}
      {asking ? (
        <VerbDialog
          resource={resource}
          record={record}
          verb={asking}
          onClose={() => setAsking(null)}
          onDone={(answer) => done(asking, answer)}
        />
      ) : null}
      {deleting ? (
        <Deleting resource={resource} record={record} etag={etag} onClose={() => setDeleting(false)} />
      ) : null}
    </div>
  );
}

/** @param {{resource: string, record: any, etag: string | null, onClose: () => void}} props */
function Deleting({ resource, record, etag, onClose }) {
  const { route } = useLocation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const title = titleOf(resource, record);
  const go = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const seal = etag ?? (await get(`/${resource}/${record.id}`, { fresh: true })).etag;
      await remove(`/${resource}/${record.id}`, seal);
      toast(t('rec.deleted', { title }));
      route(recordPath(resource), true);
      touched(resource);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const refused = problem?.status === 409;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('rec.delete_ask', { title })}
      footer={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t(refused ? 'ui.close' : 'ui.cancel')}
          </Button>
          {refused ? null : (
            <Button variant="danger" icon="trash" busy={busy} onClick={go}>
              {t('rec.delete')}
            </Button>
          )}
        </>
      }
    >
      {problem ? (
        <Notice tone="bad" icon="warning">
          {refusalText(problem)}
        </Notice>
      ) : (
        <p>{t('rec.delete_help')}</p>
      )}
    </Dialog>
  );
}
