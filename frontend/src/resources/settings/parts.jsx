import { useId } from 'preact/hooks';
import { Button } from '../../ui/Button.jsx';
import { Checkbox } from '../../ui/Field.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/States.jsx';

/**
 * A list one adds to: keys, webhooks.
 * @param {{title: string, sub: string, add: string, onAdd: () => void, state: {data: any, error: any, refresh: () => void}, items: any[],
 *   none: string, help: string, row: (item: any) => import('preact').ComponentChildren, children?: import('preact').ComponentChildren}} props
 *   `state`: of its query; `none`, `help`: said while there is nothing; `children`: what opens over it
 */
export const Listed = ({ title, sub, add, onAdd, state, items, none, help, row, children }) => (
  <Panel
    title={title}
    sub={sub}
    flush
    actions={
      <Button size="small" icon="plus" onClick={onAdd}>
        {add}
      </Button>
    }
  >
    {state.error && !state.data ? (
      <ErrorState error={state.error} onRetry={state.refresh} />
    ) : !state.data ? (
      <Skeleton lines={3} class="panel-body" />
    ) : items.length === 0 ? (
      <EmptyState title={none}>{help}</EmptyState>
    ) : (
      <ul class="choices">
        {items.map((item) => (
          <li key={item.id} class="waits">
            {row(item)}
          </li>
        ))}
      </ul>
    )}
    {children}
  </Panel>
);

/**
 * Fields that belong together, with one word of help and one refusal for all of them.
 * @param {{legend: string, hint?: string, error?: string, class?: string, children: import('preact').ComponentChildren}} props
 */
export function Group({ legend, hint, error, class: name = '', children }) {
  const id = useId();
  return (
    <fieldset class={`ticks ${name} ${error ? 'wrong' : ''}`} aria-describedby={hint ? id : undefined}>
      <legend>{legend}</legend>
      {hint ? (
        <p class="hint" id={id}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="field-error" role="alert">
          {error}
        </p>
      ) : null}
      {children}
    </fieldset>
  );
}

/** @param {{options: string[], label: (option: string) => string, chosen: string[], onChange: (chosen: string[]) => void}} props */
export const Ticks = ({ options, label, chosen, onChange }) => (
  <div class="tick-grid">
    {options.map((one) => (
      <Checkbox
        key={one}
        label={label(one)}
        checked={chosen.includes(one)}
        onChange={(on) => onChange(on ? [...chosen, one] : chosen.filter((other) => other !== one))}
      />
    ))}
  </div>
);
