import { changed } from '../../app/paths.js';
import { user } from '../../app/session.js';
import { t } from '../../i18n/index.js';
import { Chips } from '../../ui/Choices.jsx';
import { DESCRIPTIONS } from '../descriptions/index.js';
import { fieldOf, optionLabel } from './schema.js';

const OPEN = 'open*';

/**
 * The two choices one makes most: one's own, and the state.
 * @param {{resource: string, search: string, onChange: (search: string) => void}} props
 */
export function Quick({ resource, search, onChange }) {
  const said = DESCRIPTIONS[resource];
  const params = new URLSearchParams(search);
  const me = user.value?.id;
  const mine = said.mine && params.getAll(said.mine).join() === me;
  const options = said.quick ? (fieldOf(resource, said.quick)?.options ?? []) : [];
  const given = said.quick ? params.getAll(said.quick) : [];
  // Several open states are one choice; a single one is already among the options.
  const open = said.open && said.open.length > 1 ? said.open : null;
  const isOpen = !!open && given.length === open.length && open.every((one) => given.includes(one));
  const value = given.length === 0 ? '' : isOpen ? OPEN : given.length === 1 ? given[0] : '?';
  return (
    <div class="quick">
      {said.mine && user.value?.role !== 'marketing' ? (
        <button
          type="button"
          class="chip"
          aria-pressed={!!mine}
          onClick={() => onChange(changed(search, { [String(said.mine)]: mine ? null : (me ?? null) }))}
        >
          {t('rec.mine')}
        </button>
      ) : null}
      {options.length ? (
        <Chips
          label={t('rec.quick')}
          value={value}
          onChange={(next) =>
            onChange(changed(search, { [String(said.quick)]: next === OPEN ? open : next || null }))
          }
          items={[
            { value: '', label: t('rec.all') },
            ...(open ? [{ value: OPEN, label: t('rec.all_open') }] : []),
            ...options.map((one) => ({ value: one, label: optionLabel(resource, String(said.quick), one) })),
          ]}
        />
      ) : null}
    </div>
  );
}
