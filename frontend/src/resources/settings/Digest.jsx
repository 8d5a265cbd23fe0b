import { useState } from 'preact/hooks';
import { patch } from '../../api/client.js';
import { touched } from '../../api/query.js';
import { user } from '../../app/session.js';
import { t } from '../../i18n/index.js';
import { Checkbox } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { errorText } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';

/** Whether one's digest comes by e-mail, for the roles that have one. */
export function Digest() {
  const who = /** @type {import('../../app/session.js').User} */ (user.value);
  const [busy, setBusy] = useState(false);
  if (!['rep', 'manager', 'director'].includes(who.role)) return null;
  const set = async (/** @type {boolean} */ digest) => {
    setBusy(true);
    try {
      const { data } = await patch('/session', { digest }, null);
      user.value = data.user;
      touched('session');
      toast(t(digest ? 'settings.digest_on' : 'settings.digest_off'));
    } catch (error) {
      toast(errorText(error), { tone: 'bad' });
    }
    setBusy(false);
  };
  return (
    <Panel title={t('settings.digest')}>
      <Checkbox
        label={t(who.role === 'rep' ? 'settings.digest_rep' : 'settings.digest_manager')}
        checked={!!who.digest}
        disabled={busy}
        onChange={set}
      />
    </Panel>
  );
}
