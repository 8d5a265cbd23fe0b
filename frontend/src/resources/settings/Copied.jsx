import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { toast } from '../../ui/Toast.jsx';

/** A text to take along. @param {{text: string, label?: string}} props `label`: what the button copies, said when several stand together */
export function Copied({ text, label }) {
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => toast(t('settings.copied')),
      () => toast(t('settings.copy_failed'), { tone: 'bad' }),
    );
  return (
    <div class="copied">
      <code tabIndex={0}>{text}</code>
      <Button size="small" aria-label={label ? `${t('settings.copy')}, ${label}` : undefined} onClick={copy}>
        {t('settings.copy')}
      </Button>
    </div>
  );
}
