import { useState } from 'preact/hooks';
import { LANGUAGES, language, setLanguage, t } from '../i18n/index.js';
import { Button, IconButton } from '../ui/Button.jsx';
import { Field, TextField } from '../ui/Field.jsx';
import { Brand } from '../ui/Icon.jsx';
import { errorText } from '../ui/States.jsx';
import { ended, signIn } from './session.js';

const NAMES = { fr: 'Français', en: 'English' };

/** The door. Nothing but two fields, the language, and why one is here when one did not ask for it. */
export default function SignIn() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {string | null} */ (null));

  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await signIn(email.trim(), password);
    } catch (problem) {
      const status = /** @type {any} */ (problem).status;
      const refused =
        status === 401 || status === 422 ? 'sign_in.refused' : status === 429 ? 'sign_in.too_many' : null;
      setError(refused ? t(refused) : errorText(problem));
      setBusy(false);
    }
  };

  return (
    <main class="door" id="main">
      <form class="door-box" onSubmit={submit}>
        <p class="brand">
          <Brand size={28} /> {t('app.name')}
        </p>
        <h1>{t('sign_in.title')}</h1>
        {ended.value ? <p class="notice warn">{t('sign_in.ended')}</p> : null}
        {error ? (
          <p class="notice bad" role="alert">
            {error}
          </p>
        ) : null}
        <TextField
          label={t('sign_in.email')}
          value={email}
          onInput={setEmail}
          type="email"
          name="email"
          autocomplete="username"
          autofocus
          required
        />
        <Field label={t('sign_in.password')} required>
          {(attributes) => (
            <span class="with-button">
              <input
                {...attributes}
                type={/** @type {any} */ (shown ? 'text' : 'password')}
                name="password"
                autocomplete="current-password"
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
              <IconButton
                icon={shown ? 'eye-off' : 'eye'}
                label={t(shown ? 'sign_in.hide_password' : 'sign_in.show_password')}
                aria-pressed={shown}
                onClick={() => setShown(!shown)}
              />
            </span>
          )}
        </Field>
        <Button variant="primary" type="submit" busy={busy}>
          {t('sign_in.submit')}
        </Button>
        <p class="door-languages">
          {LANGUAGES.map((code) => (
            <button
              key={code}
              type="button"
              class="link"
              lang={code}
              aria-pressed={language.value === code}
              onClick={() => setLanguage(code)}
            >
              {NAMES[code]}
            </button>
          ))}
        </p>
      </form>
    </main>
  );
}
