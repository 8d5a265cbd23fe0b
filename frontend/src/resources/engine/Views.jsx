import { useState } from 'preact/hooks';
import { user } from '../../app/session.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Dialog } from '../../ui/Dialog.jsx';
import { TextField } from '../../ui/Field.jsx';
import { Menu } from '../../ui/Menu.jsx';
import { toast } from '../../ui/Toast.jsx';
import { dropView, keepView, viewsOf } from './views.js';

/**
 * The lists kept by name on this device.
 * @param {{resource: string, search: string, onOpen: (search: string) => void}} props
 */
export function Views({ resource, search, onOpen }) {
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState('');
  const person = user.value?.id ?? '';
  const views = viewsOf(person, resource);
  const current = views.find((one) => one.search === search);
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = name.trim();
    if (!given) return;
    keepView(person, resource, { name: given, search });
    setNaming(false);
    setName('');
    toast(t('rec.view_saved', { name: given }));
  };
  /** @type {import('../../ui/Menu.jsx').MenuItem[]} */
  const items = views.map((one) => ({
    key: one.name,
    label: one.name,
    checked: one === current,
    onSelect: () => onOpen(one.search),
  }));
  if (items.length) items.push({ key: '-', divider: true });
  if (search && !current)
    items.push({ key: '+', label: t('rec.view_save'), icon: 'plus', onSelect: () => setNaming(true) });
  if (current)
    items.push({
      key: 'x',
      label: t('rec.view_delete', { name: current.name }),
      icon: 'trash',
      onSelect: () => {
        dropView(person, resource, current.name);
        toast(t('rec.view_deleted', { name: current.name }), {
          undo: () => keepView(person, resource, current),
        });
      },
    });
  if (!views.length && !search) return null;
  return (
    <>
      <Menu
        label={t('rec.views')}
        align="end"
        items={items}
        trigger={(attributes) => (
          <Button icon="star" {...attributes}>
            {current?.name ?? t('rec.views')}
          </Button>
        )}
      />
      <Dialog
        open={naming}
        onClose={() => setNaming(false)}
        title={t('rec.view_save').replace('…', '')}
        footer={
          <Button variant="primary" onClick={save} disabled={!name.trim()}>
            {t('ui.save')}
          </Button>
        }
      >
        <form onSubmit={save}>
          <TextField label={t('rec.view_name')} value={name} onInput={setName} maxLength={60} required />
        </form>
      </Dialog>
    </>
  );
}
