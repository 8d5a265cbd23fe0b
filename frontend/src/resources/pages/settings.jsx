import { useState } from 'preact/hooks';
import { post } from '../../api/client.js';
import { Lazily } from '../../app/Lazily.jsx';
import { recordPath, to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { loadArea, t } from '../../i18n/index.js';
import css from '../../styles/settings.css?inline';
import { adopt } from '../../ui/adopt.js';
import { Button } from '../../ui/Button.jsx';
import { TextField } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { errorText, Notice, Skeleton } from '../../ui/States.jsx';
import { toast } from '../../ui/Toast.jsx';
import { Digest } from '../settings/Digest.jsx';
import { Keys } from '../settings/Keys.jsx';

adopt(css);
await loadArea('settings');

const company = () => import('../settings/Company.jsx');
const webhooks = () => import('../settings/Webhooks.jsx');
const PLACES = ['users', 'teams', 'business-units', 'stages'];

/** One's own password, keys and e-mails; for the administrator, the company's rules and who is in it. */
export default function Settings() {
  const admin = user.value?.role === 'admin';
  return (
    <div class="page">
      <header class="page-head">
        <h1>{t('settings.title')}</h1>
        <p>{t(admin ? 'settings.intro_admin' : 'settings.intro')}</p>
      </header>
      {admin ? (
        <>
          <Lazily load={company} fallback={<Skeleton height="420px" />} />
          <Panel title={t('settings.people')}>
            <div class="row">
              {PLACES.map((place) => (
                <Button key={place} href={recordPath(place)}>
                  {t(`settings.${place}`)}
                </Button>
              ))}
              <Button href={to('import')}>{t('settings.import')}</Button>
            </div>
          </Panel>
        </>
      ) : null}
      <Digest />
      <Keys />
      {admin ? <Lazily load={webhooks} fallback={<Skeleton height="120px" />} /> : null}
      <Password />
    </div>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [busy, setBusy] = useState(false);
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setErrors({});
    try {
      await post('/session/password', { current, new: next });
      setCurrent('');
      setNext('');
      toast(t('settings.password_changed'));
    } catch (error) {
      const told = /** @type {any} */ (error).fields ?? {};
      setErrors(told);
      setProblem(Object.keys(told).length ? null : error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t('settings.password')}>
      <form class="stack narrow" onSubmit={save} noValidate>
        {problem ? <Notice tone="bad">{errorText(problem)}</Notice> : null}
        <TextField
          label={t('settings.current')}
          type="password"
          autocomplete="current-password"
          value={current}
          onInput={setCurrent}
          error={errors.current}
        />
        <TextField
          label={t('settings.new')}
          type="password"
          autocomplete="new-password"
          value={next}
          onInput={setNext}
          error={errors.new}
          hint={t('settings.new_hint')}
        />
        <div class="row">
          <Button variant="primary" type="submit" busy={busy} disabled={!current || !next}>
            {t('settings.change')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
