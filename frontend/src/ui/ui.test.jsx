import { render, screen, within } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { useState } from 'preact/hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isBusy } from './busy.js';
import { Combobox, matching } from './Combobox.jsx';
import * as ui from './index.js';
import { bindKeys } from './keys.js';
import { Toasts } from './Toast.jsx';

const user = userEvent.setup();

/** What needs a laid-out page (contrast) is judged in a real browser. @param {Element} element */
async function judge(element) {
  const { violations } = await axe.run(element, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map((v) => `${v.id}: ${v.nodes[0].html}`)).toEqual([]);
}

describe('fields', () => {
  it('tie label, hint and error to their control', async () => {
    const { container } = render(
      <ui.TextField label="E-mail" value="x" hint="Professionnel" error="Incomplète" required />,
    );
    const input = screen.getByLabelText(/E-mail/);
    expect(input.getAttribute('aria-invalid')).toBe('true');
    const described = /** @type {string} */ (input.getAttribute('aria-describedby')).split(' ');
    expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
      'Professionnel',
      'Incomplète',
    ]);
    await judge(container);
  });
});

describe('combobox', () => {
  const options = [
    { value: '1', label: 'Énergie Plus', note: 'Nantes' },
    { value: '2', label: 'Delmas Industrie', note: 'Rennes' },
  ];
  function Box(/** @type {any} */ props) {
    const [value, setValue] = useState(/** @type {any} */ (null));
    return (
      <>
        <Combobox label="Client" value={value} onChange={setValue} options={options} {...props} />
        <output>{value?.value ?? 'none'}</output>
      </>
    );
  }
  it('finds without accents and in any order', () => {
    expect(matching(options, 'nantes energie').map((o) => o.value)).toEqual(['1']);
  });
  it('is chosen from with the keyboard alone', async () => {
    const { container } = render(<Box />);
    await user.click(screen.getByRole('combobox'));
    await judge(container);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(screen.getByText('2')).toBeTruthy();
    expect(screen.getByRole('combobox').getAttribute('aria-expanded')).toBe('false');
    await user.click(screen.getByRole('button', { name: /Effacer/ }));
    expect(screen.getByText('none')).toBeTruthy();
  });
  it('gives the typed text to the search, and the last answer wins', async () => {
    const search = vi.fn(async (/** @type {string} */ text) => [{ value: text, label: `trouvé ${text}` }]);
    render(<Box search={search} />);
    await user.type(screen.getByRole('combobox'), 'del');
    expect(await screen.findByText('trouvé del')).toBeTruthy();
    expect(screen.queryByText('trouvé ')).toBe(null);
  });
});

describe('menu', () => {
  const open = vi.fn();
  const menu = (
    <ui.Menu
      label="Actions"
      trigger={(attributes) => (
        <button type="button" {...attributes}>
          Plus
        </button>
      )}
      items={[
        { key: 'a', label: 'Appeler', onSelect: open },
        { key: 'b', label: 'Replanifier', disabled: true },
        { key: 'c', label: 'Supprimer', onSelect: open },
      ]}
    />
  );
  it('is walked through with the arrows, past what is disabled, and gives the focus back', async () => {
    const { container } = render(menu);
    await user.click(screen.getByText('Plus'));
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Appeler'));
    await judge(container);
    expect(isBusy()).toBe(true);
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toBe('Supprimer');
    await user.keyboard('{Escape}');
    expect(document.activeElement?.textContent).toBe('Plus');
    expect(screen.queryByRole('menu')).toBe(null);
    expect(isBusy()).toBe(false);
  });
  it('runs what is chosen, once', async () => {
    render(menu);
    await user.click(screen.getByText('Plus'));
    await user.keyboard('s{Enter}');
    expect(open).toHaveBeenCalledOnce();
  });
});

describe('dialog', () => {
  function Box() {
    const [on, setOn] = useState(false);
    return (
      <>
        <button type="button" onClick={() => setOn(true)}>
          Ouvrir
        </button>
        <ui.SidePanel open={on} onClose={() => setOn(false)} title="Factures">
          <ui.TextField label="Filtre" value="" />
        </ui.SidePanel>
      </>
    );
  }
  it('takes the focus to its first field and gives it back', async () => {
    const { container } = render(<Box />);
    await user.click(screen.getByText('Ouvrir'));
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Filtre')));
    expect(screen.getByRole('dialog', { name: 'Factures' })).toBeTruthy();
    await judge(container);
    await user.click(screen.getByRole('button', { name: 'Fermer' }));
    expect(document.activeElement?.textContent).toBe('Ouvrir');
    expect(screen.queryByRole('dialog')).toBe(null);
  });
});

describe('table', () => {
  const columns = [
    { key: 'name', label: 'Client', sortable: true },
    { key: 'amount', label: 'Montant', numeric: true, sortable: true, sum: '60 k€' },
  ];
  const rows = [
    { id: '1', name: 'Hélias', amount: 38 },
    { id: '2', name: 'Joly', amount: 22 },
  ];
  it('asks for the order, greatest first for figures, then the other way', async () => {
    const onSort = vi.fn();
    const { rerender, container } = render(
      <ui.DataTable caption="Devis" columns={columns} rows={rows} onSort={onSort} />,
    );
    await user.click(screen.getByRole('button', { name: 'Montant' }));
    rerender(<ui.DataTable caption="Devis" columns={columns} rows={rows} sort="-amount" onSort={onSort} />);
    await user.click(screen.getByRole('button', { name: 'Montant' }));
    expect(onSort.mock.calls).toEqual([['-amount'], ['amount']]);
    expect(screen.getByRole('columnheader', { name: 'Montant' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    expect(
      within(/** @type {HTMLElement} */ (container))
        .getByText('60 k€')
        .closest('tr')?.className,
    ).toBe('sum');
    await judge(container);
  });
  it('is moved through and ticked by the keyboard', async () => {
    const onSelect = vi.fn();
    const onOpen = vi.fn();
    render(
      <ui.DataTable
        caption="Devis"
        columns={columns}
        rows={rows}
        href={(row) => `#${row.id}`}
        onOpen={onOpen}
        selected={new Set()}
        onSelect={onSelect}
        rowLabel={(row) => row.name}
      />,
    );
    screen.getByRole('link', { name: 'Hélias' }).focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toBe('Joly');
    await user.keyboard(' ');
    expect([...onSelect.mock.calls[0][0]]).toEqual(['2']);
    await user.keyboard('{Enter}');
    expect(onOpen).toHaveBeenCalledWith(rows[1]);
  });
});

describe('messages', () => {
  afterEach(() => vi.useRealTimers());
  it('offer to undo, and go', async () => {
    const undo = vi.fn();
    render(<Toasts />);
    ui.toast('Devis relancé', { undo });
    await user.click(await screen.findByText('Annuler'));
    expect(undo).toHaveBeenCalledOnce();
    expect(screen.queryByText('Devis relancé')).toBe(null);
  });
  it('of failure stay until closed', async () => {
    render(<Toasts />);
    ui.toast('Refusé', { tone: 'bad' });
    expect((await screen.findByRole('alert')).textContent).toContain('Refusé');
    await user.click(screen.getByRole('button', { name: 'Fermer' }));
    expect(screen.queryByRole('alert')).toBe(null);
  });
});

describe('choices', () => {
  it('tabs follow the arrows', async () => {
    function Box() {
      const [tab, setTab] = useState('a');
      return (
        <ui.Tabs
          label="Fiche"
          value={tab}
          onChange={setTab}
          items={[
            { value: 'a', label: 'Contacts' },
            { value: 'b', label: 'Devis' },
          ]}
        >
          page {tab}
        </ui.Tabs>
      );
    }
    const { container } = render(<Box />);
    screen.getByRole('tab', { name: 'Contacts' }).focus();
    await user.keyboard('{ArrowRight}');
    expect(screen.getByRole('tabpanel').textContent).toBe('page b');
    await judge(container);
  });
  it('a sentence keeps its strong words, and its plain form none', () => {
    const { container } = render(<ui.Rich text="**412 k€.** Il !!manque 2 k€!! ici." />);
    expect(container.innerHTML).toBe('<b>412 k€.</b> Il <b class="bad">manque 2 k€</b> ici.');
    expect(ui.plainText('**412 k€.** Il !!manque!! ici.')).toBe('412 k€. Il manque ici.');
  });
});

describe('shortcuts', () => {
  it('hear sequences, and nothing while one is typing', async () => {
    const go = vi.fn();
    const table = vi.fn();
    const find = vi.fn();
    const release = bindKeys({ 'g t': go, t: table, 'Ctrl+K': find });
    render(<input aria-label="filtre" />);
    await user.keyboard('gt');
    expect([go.mock.calls.length, table.mock.calls.length]).toEqual([1, 0]);
    await user.keyboard('t');
    expect(table).toHaveBeenCalledOnce();
    await user.type(screen.getByLabelText('filtre'), 'gt');
    expect([go.mock.calls.length, table.mock.calls.length]).toEqual([1, 1]);
    await user.keyboard('{Control>}k{/Control}');
    expect(find).toHaveBeenCalledOnce();
    release();
    await user.keyboard('{Control>}k{/Control}');
    expect(find).toHaveBeenCalledOnce();
  });
});
