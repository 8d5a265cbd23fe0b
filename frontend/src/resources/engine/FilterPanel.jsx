import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { SidePanel } from '../../ui/Dialog.jsx';
import { Checkbox, Select, TextField } from '../../ui/Field.jsx';
import { NotANumber, readDecimal, writeDecimal } from './decimals.js';
import { FieldInput } from './FieldInput.jsx';
import { filtersOf } from './filters.js';
import { fieldLabel, optionLabel, pluralOf } from './schema.js';

/** @typedef {Record<string, string[]>} Chosen by parameter of the API */

/**
 * Every filter the API offers for a list, by type.
 * @param {{resource: string, active: import('./filters.js').Active[], names: Record<string, string>, onApply: (chosen: Chosen) => void, onClose: () => void}} props
 */
export function FilterPanel({ resource, active, names, onApply, onClose }) {
  const [chosen, setChosen] = useState(() => {
    /** @type {Chosen} */
    const start = {};
    for (const { name, value } of active) start[name] = [...(start[name] ?? []), value];
    return start;
  });
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const set = (/** @type {string} */ name, /** @type {string[]} */ values) =>
    setChosen((now) => ({ ...now, [name]: values.filter(Boolean) }));
  const all = filtersOf(resource);
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (Object.keys(wrong).length === 0) onApply(chosen);
  };
  /** Amounts are typed in the page's language and sent in the API's. */
  const amount = (/** @type {string} */ name, /** @type {string} */ text) => {
    const { [name]: _, ...others } = wrong;
    try {
      set(name, [readDecimal(text) ?? '']);
      setWrong(others);
    } catch (error) {
      if (!(error instanceof NotANumber)) throw error;
      setWrong({ ...others, [name]: t('rec.number') });
    }
  };
  const one = (/** @type {string} */ name) => chosen[name]?.[0] ?? '';

  /** @param {typeof all[number]} filter */
  const control = ({ field, range }) => {
    const { name } = field;
    const label = fieldLabel(resource, name);
    if (range && (field.type === 'date' || field.type === 'instant'))
      return (
        <fieldset class="pair" key={name}>
          <legend>{label}</legend>
          <TextField
            type="date"
            label={t('rec.from')}
            value={one(`${name}_from`).slice(0, 10)}
            onInput={(value) => set(`${name}_from`, [value])}
          />
          <TextField
            type="date"
            label={t('rec.to')}
            value={one(`${name}_to`).slice(0, 10)}
            onInput={(value) => set(`${name}_to`, [value])}
          />
        </fieldset>
      );
    if (range)
      return (
        <fieldset class="pair" key={name}>
          <legend>{label}</legend>
          <TextField
            inputMode="decimal"
            label={t('rec.at_least')}
            value={writeDecimal(one(`${name}_from`))}
            error={wrong[`${name}_from`]}
            onChange={(value) => amount(`${name}_from`, value)}
          />
          <TextField
            inputMode="decimal"
            label={t('rec.at_most')}
            value={writeDecimal(one(`${name}_to`))}
            error={wrong[`${name}_to`]}
            onChange={(value) => amount(`${name}_to`, value)}
          />
        </fieldset>
      );
    if (field.type === 'enum')
      return (
        <fieldset class="checks" key={name}>
          <legend>{label}</legend>
          {(field.options ?? []).map((option) => (
            <Checkbox
              key={option}
              label={optionLabel(resource, name, option)}
              checked={!!chosen[name]?.includes(option)}
              onChange={(on) =>
                set(
                  name,
                  on ? [...(chosen[name] ?? []), option] : (chosen[name] ?? []).filter((v) => v !== option),
                )
              }
            />
          ))}
        </fieldset>
      );
    if (field.type === 'boolean')
      return (
        <Select
          key={name}
          label={label}
          value={one(name)}
          empty={t('rec.any')}
          options={[
            { value: 'true', label: t('rec.yes') },
            { value: 'false', label: t('rec.no') },
          ]}
          onChange={(value) => set(name, [value])}
        />
      );
    if (field.type === 'ref')
      return (
        <FieldInput
          key={name}
          resource={resource}
          field={{ ...field, type: 'refs' }}
          label={label}
          value={(chosen[name] ?? []).map((value) => ({ value, label: names[value] ?? '' }))}
          onChange={(/** @type {{value: string}[]} */ options) =>
            set(
              name,
              options.map((option) => option.value),
            )
          }
        />
      );
    return <TextField key={name} label={label} value={one(name)} onInput={(value) => set(name, [value])} />;
  };
  return (
    <SidePanel
      open
      onClose={onClose}
      title={t('rec.filters_title', { what: pluralOf(resource).toLowerCase() })}
      footer={
        <>
          <Button variant="quiet" onClick={() => onApply({})}>
            {t('rec.clear_all')}
          </Button>
          <Button variant="primary" onClick={apply}>
            {t('rec.apply')}
          </Button>
        </>
      }
    >
      <form class="stack filter-form" onSubmit={apply}>
        {all.map(control)}
        {all.some((filter) => filter.missing) ? (
          <details class="more-fields">
            <summary>{t('rec.presence')}</summary>
            <div class="stack">
              {all
                .filter((filter) => filter.missing)
                .map(({ field: { name } }) => (
                  <Select
                    key={name}
                    label={fieldLabel(resource, name)}
                    value={one(`${name}_missing`)}
                    empty={t('rec.any')}
                    options={[
                      { value: 'true', label: t('rec.missing') },
                      { value: 'false', label: t('rec.known') },
                    ]}
                    onChange={(value) => set(`${name}_missing`, [value])}
                  />
                ))}
            </div>
          </details>
        ) : null}
        <button type="submit" hidden />
      </form>
    </SidePanel>
  );
}
