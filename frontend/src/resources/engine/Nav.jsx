import { recordPath, to } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Menu } from '../../ui/Menu.jsx';
import { DESCRIPTIONS, GROUPS, mayRead } from '../descriptions/index.js';
import { pluralOf, RESOURCES } from './schema.js';

/** @param {string} resource @returns {string} the list as one wants it first: what is under way */
const startOf = (resource) => `${recordPath(resource)}${DESCRIPTIONS[resource].start ?? ''}`;

/** The menu of the records this person has: beside the page, a button on a phone. @param {{resource: string}} props */
export function Nav({ resource }) {
  const groups = GROUPS.map((group) => ({
    ...group,
    resources: group.resources.filter((one) => RESOURCES.includes(one) && mayRead(one, user.value?.role)),
  })).filter((group) => group.resources.length);
  return (
    <nav class="records-nav" aria-label={t('rec.menu')}>
      <div class="laptop-only">
        {groups.map((group) => (
          <div key={group.key}>
            <p>{t(`rec.group.${group.key}`)}</p>
            <ul>
              {group.resources.map((one) => (
                <li key={one}>
                  <a href={startOf(one)} aria-current={one === resource ? 'page' : undefined}>
                    {pluralOf(one)}
                  </a>
                </li>
              ))}
              {group.resources.includes('opportunities') ? (
                <li>
                  <a href={to('pipeline')}>{t('rec.board')}</a>
                </li>
              ) : null}
            </ul>
          </div>
        ))}
      </div>
      <div class="phone-only">
        <Menu
          label={t('rec.menu')}
          items={groups.flatMap((group) => [
            { key: `g-${group.key}`, heading: t(`rec.group.${group.key}`) },
            ...group.resources.map((one) => ({ key: one, label: pluralOf(one), href: startOf(one) })),
            ...(group.resources.includes('opportunities')
              ? [{ key: 'board', label: t('rec.board'), href: to('pipeline') }]
              : []),
          ])}
          trigger={(attributes) => (
            <Button icon="book" {...attributes}>
              {t('rec.menu')}
            </Button>
          )}
        />
      </div>
    </nav>
  );
}
