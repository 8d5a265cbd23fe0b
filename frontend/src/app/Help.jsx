import { t } from '../i18n/index.js';
import { Dialog } from '../ui/Dialog.jsx';
import { screensOf } from './registry.js';
import { user } from './session.js';

/** The list of shortcuts. @param {{onClose: () => void}} props */
export default function Help({ onClose }) {
  const mine = user.value ? screensOf(user.value) : [];
  const rows = /** @type {[string[], string][]} */ ([
    ...mine.map((screen) => [['g', screen.shortcut], t('help.go', { screen: t(screen.label) })]),
    [['Ctrl K'], t('help.palette')],
    [['/'], t('help.filter')],
    [['t'], t('help.table')],
    [['Esc'], t('help.escape')],
    [['?'], t('help.help')],
  ]);
  return (
    <Dialog open onClose={onClose} title={t('help.title')}>
      <dl class="keys">
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key, i) => (
                <span key={key}>
                  {i ? ` ${t('help.then')} ` : ''}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
