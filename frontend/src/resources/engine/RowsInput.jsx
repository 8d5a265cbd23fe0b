import { t } from '../../i18n/index.js';
import { Button, IconButton } from '../../ui/Button.jsx';
import { DESCRIPTIONS } from '../descriptions/index.js';
import { writeDecimal } from './decimals.js';
import { draftRow } from './draft.js';
import { FieldInput } from './FieldInput.jsx';
import { fieldLabel } from './schema.js';

/**
 * The lines of a document, one row of controls each.
 * @param {{resource: string, field: import('./schema.js').SchemaField, rows: import('./draft.js').DraftRow[],
 *   onChange: (rows: import('./draft.js').DraftRow[]) => void, errors: Record<string, string | undefined>, money?: string}} props
 *   `errors`: sentences by `lines.0.quantity`
 */
export function RowsInput({ resource, field, rows, onChange, errors, money }) {
  const said = DESCRIPTIONS[resource]?.rows;
  // The states of a plan's actions are not those of the plan.
  const within = field.name === 'actions' ? 'actions' : resource;
  const shown = (said?.fields ?? []).flatMap((name) => {
    const found = field.fields?.find((one) => one.name === name);
    return found && !found.readonly && found.name !== 'net_amount' ? [found] : [];
  });
  const set = (/** @type {number} */ at, /** @type {string} */ name, /** @type {any} */ value) =>
    onChange(
      rows.map((row, i) =>
        i === at
          ? { ...row, values: { ...row.values, [name]: value, ...filled(field, said, name, value) } }
          : row,
      ),
    );
  return (
    <fieldset class="rows-edit">
      <legend>{fieldLabel(resource, field.name)}</legend>
      {errors[field.name] ? <p class="field-error">{errors[field.name]}</p> : null}
      {rows.map((row, i) => (
        <div
          class={`rows-line n${shown.length}`}
          key={row.key}
          role="group"
          aria-label={t('rec.line', { n: i + 1 })}
        >
          {shown.map((one) => (
            <FieldInput
              key={one.name}
              resource={within}
              field={one}
              label={fieldLabel(resource, one.name)}
              value={row.values[one.name]}
              required={one.required}
              money={money}
              error={errors[`${field.name}.${i}.${one.name}`]}
              onChange={(value) => set(i, one.name, value)}
            />
          ))}
          <IconButton
            icon="trash"
            size="small"
            label={t('rec.remove_line', { n: i + 1 })}
            onClick={() => onChange(rows.filter((_, other) => other !== i))}
          />
        </div>
      ))}
      <div class="row">
        <Button icon="plus" onClick={() => onChange([...rows, draftRow(field)])}>
          {t('rec.add_line')}
        </Button>
        {said?.total ? <small class="quiet">{t('rec.totals_later')}</small> : null}
      </div>
    </fieldset>
  );
}

/**
 * What choosing a product writes on its line.
 * @param {import('./schema.js').SchemaField} field @param {import('../descriptions/index.js').Description['rows']} said
 * @param {string} name @param {any} value @returns {Record<string, any>}
 */
function filled(field, said, name, value) {
  if (!said?.fill || name !== 'product_id' || !value?.row) return {};
  return Object.fromEntries(
    Object.entries(said.fill).map(([to, from]) => {
      const type = field.fields?.find((one) => one.name === to)?.type;
      const found = value.row[from];
      return [to, type === 'text' ? (found ?? '') : writeDecimal(found, type === 'ratio' ? 2 : 0)];
    }),
  );
}
