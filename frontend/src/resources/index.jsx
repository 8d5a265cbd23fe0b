import { useLocation } from 'preact-iso';
import { to } from '../app/paths.js';
import { user } from '../app/session.js';
import { t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { EmptyState } from '../ui/States.jsx';
import { mayRead } from './descriptions/index.js';
import { FormPage } from './engine/FormPage.jsx';
import { List } from './engine/List.jsx';
import { Nav } from './engine/Nav.jsx';
import { Record } from './engine/Record.jsx';
import { schemaOf } from './engine/schema.js';

/** Everything under `/records`: `<resource>`, `<resource>/new`, `<resource>/<id>`, `<resource>/<id>/edit`. */
export default function Records() {
  const { path } = useLocation();
  const [resource = '', id, verb, ...rest] = path
    .slice(to('records/').length)
    .split('/')
    .filter(Boolean)
    .map(decodeURIComponent);
  const known = !!schemaOf(resource) && mayRead(resource, user.value?.role) && rest.length === 0;
  if (!known || (verb && verb !== 'edit'))
    return (
      <EmptyState page title={t('rec.unknown')} action={<Button href={to('')}>{t('app.back_home')}</Button>}>
        {t('rec.unknown_help')}
      </EmptyState>
    );
  return (
    <div class={`records ${id ? 'one' : ''}`}>
      <Nav resource={resource} />
      {!id ? (
        <List key={resource} resource={resource} />
      ) : id === 'new' || verb ? (
        <FormPage key={path} resource={resource} id={id === 'new' ? null : id} />
      ) : (
        <Record key={path} resource={resource} id={id} />
      )}
    </div>
  );
}
