import { today } from '../i18n/format.js';
import { t } from '../i18n/index.js';
import { Button } from '../ui/Button.jsx';
import { Dialog } from '../ui/Dialog.jsx';
import { Select, TextField } from '../ui/Field.jsx';
import { addDays } from './periods.js';
import { BELOW, everyone, KINDS } from './scope.js';

/**
 * Everything of the scope in one window: all of it on a phone, the less used part on a laptop.
 * @param {{onClose: () => void, scope: import('./scope.js').Scope, lists: import('./ScopeBar.jsx').Choices | null,
 *   offered: readonly ('business_unit'|'team'|'rep')[], periods: boolean, compare: boolean}} props
 */
export default function ScopeFilters({ onClose, scope, lists, offered, periods, compare }) {
  const { period } = scope;
  const range = (/** @type {string} */ start, /** @type {string} */ last) => {
    if (start && last && start <= last) scope.set({ period: null, from: start, to: addDays(last, 1) });
  };
  const first = period?.start ?? '';
  const last = period ? addDays(period.end, -1) : '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('scope.more')}
      footer={
        <>
          <Button variant="quiet" onClick={scope.reset}>
            {t('scope.reset')}
          </Button>
          <Button variant="primary" onClick={onClose}>
            {t('ui.close')}
          </Button>
        </>
      }
    >
      <div class="stack">
        {periods ? (
          <>
            <Select
              label={t('scope.period')}
              value={period?.kind ?? ''}
              onChange={(kind) => kind && scope.setKind(/** @type {any} */ (kind))}
              options={KINDS.map((kind) => ({ value: kind, label: t(`scope.${kind}`) }))}
              empty={
                period && KINDS.includes(/** @type {any} */ (period.kind)) ? undefined : t('scope.custom')
              }
            />
            <div class="two">
              <TextField
                label={t('scope.range_from')}
                type="date"
                value={first}
                onChange={(v) => range(v, last)}
              />
              <TextField
                label={t('scope.range_to')}
                type="date"
                value={last}
                onChange={(v) => range(first, v)}
              />
            </div>
          </>
        ) : null}
        {offered.map((name) => (
          <Select
            key={name}
            label={t(`scope.${name}`)}
            value={scope.one(name) ?? ''}
            onChange={(id) => scope.set({ ...BELOW[name], [name]: id || null })}
            options={(lists?.[name] ?? []).map((one) => ({ value: one.id, label: one.name }))}
            empty={everyone(name)}
          />
        ))}
        {compare ? (
          <Select
            label={t('scope.compare')}
            value={scope.compare[0] ?? 'previous_year'}
            onChange={(value) => scope.set({ compare: value === 'previous_year' ? null : value })}
            options={['previous_year', 'previous'].map((value) => ({
              value,
              label: t(`scope.compare_${value}`),
            }))}
          />
        ) : null}
        <TextField
          label={t('scope.as_of')}
          type="date"
          value={scope.asOf?.slice(0, 10) ?? ''}
          max={today()}
          hint={scope.asOf ? null : t('scope.as_of_now')}
          onChange={(value) => scope.set({ as_of: value && value < today() ? value : null })}
        />
      </div>
    </Dialog>
  );
}
