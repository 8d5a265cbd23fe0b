import { render, screen } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import * as charts from './index.js';

const user = userEvent.setup();
const plain = (/** @type {string | null} */ text) => (text ?? '').replace(/[\u00a0\u202f]/g, ' ');
const sentence = () => plain(screen.getByRole('img').getAttribute('aria-label'));

describe('every chart says its sentence', () => {
  it('bullet', () => {
    render(<charts.Bullet label="CA facturé" value="412000" pace="390000" target="520000" />);
    expect(sentence()).toBe('CA facturé : 412 k€, rythme attendu 390 k€, objectif 520 k€.');
  });
  it('bullet without value', () => {
    const { container } = render(<charts.Bullet label="Panier" value={null} target="6500" />);
    expect(sentence()).toBe('Panier : pas de valeur.');
    expect(container.innerHTML).not.toContain('NaN');
  });
  it('bullet behind its pace is hatched, beyond it is not', () => {
    const { container, rerender } = render(
      <charts.Bullet label="x" value={3} pace={5} target={9} unit="count" />,
    );
    expect(container.querySelector('pattern')).toBeTruthy();
    rerender(<charts.Bullet label="x" value={6} pace={5} target={9} unit="count" />);
    expect(container.querySelector('pattern')).toBe(null);
  });
  it('cumulative line', () => {
    render(
      <charts.CumulativeLine
        label="CA"
        dates={['2026-11-02', '2026-11-03', '2026-11-04']}
        actual={['18000', '41000', null]}
        pace={[26_000, 52_000, 78_000]}
        forecast={[null, 41_000, 70_000]}
        previous={[12_000, 33_000, 60_000]}
        target={78_000}
      />,
    );
    expect(sentence()).toBe(
      'CA : 41 k€ au mar. 3 nov. Rythme attendu 52 k€. Atterrissage prévu 70 k€. Objectif 78 k€. Total N-1 60 k€.',
    );
  });
  it('dots, one or many', () => {
    const { container, rerender } = render(<charts.DotStrip label="Visites en retard" values={[2, 12]} />);
    expect(sentence()).toBe('Visites en retard : 2, de 2 j à 12 j.');
    expect(container.querySelectorAll('circle')).toHaveLength(2);
    rerender(
      <charts.DotStrip label="Visites en retard" values={Array.from({ length: 90 }, (_, i) => i % 20)} />,
    );
    expect(container.querySelectorAll('circle')).toHaveLength(0);
    rerender(<charts.DotStrip label="Visites en retard" values={[]} />);
    expect(sentence()).toBe('Visites en retard : aucun.');
    expect(container.innerHTML).not.toMatch(/NaN|Infinity/);
  });
  it('stacked bar', () => {
    render(
      <charts.StackedBar
        label="Encours"
        parts={[
          { key: 'a', label: 'À livrer', value: '74000' },
          { key: 'b', label: 'Échu', value: '21000', tone: 'bad' },
        ]}
        legend
      />,
    );
    expect(sentence()).toBe('Encours, À livrer 74 k€, Échu 21 k€');
    expect(screen.getByText('21')).toBeTruthy();
  });
  it('cycles, by who is inactive and who is lost', () => {
    const customers = [0.5, 1, 1.2, 2, 2.1, 9].map((ratio, i) => ({ key: String(i), label: `C${i}`, ratio }));
    render(<charts.CycleStrip label="Clients" customers={customers} />);
    expect(sentence()).toBe('Clients : 6 clients, dont 2 entre 1 et 2 cycles et 2 au-delà.');
  });
  it('stages, each a link of its own', () => {
    render(
      <charts.StageBars
        stages={[
          { key: 'a', label: 'Proposition', count: 9, gross: '712000', weighted: '356000', href: '#p' },
        ]}
      />,
    );
    expect(sentence()).toBe('Proposition, Pondéré 356 k€, Brut 712 k€');
    expect(screen.getByRole('link').getAttribute('href')).toBe('#p');
  });
  it('an action plan against the time elapsed', () => {
    render(<charts.PlanBullets label="Rhin" actions={0.78} revenue={0.42} time={0.6} />);
    const all = screen.getAllByRole('img').map((img) => plain(img.getAttribute('aria-label')));
    expect(all[1]).toBe('Rhin, Chiffre d’affaires : 42 %, rythme attendu 60 %, objectif 100 %.');
  });
});

describe('the table behind', () => {
  const frame = (
    <charts.ChartFrame
      title="CA cumulé"
      table={{
        columns: [
          { key: 'd', label: 'Date' },
          { key: 'v', label: 'Réel', numeric: true },
        ],
        rows: [{ d: '2 nov.', v: '18 000,00 €' }],
      }}
    >
      <p>dessin</p>
    </charts.ChartFrame>
  );
  it('is one button away', async () => {
    const { container } = render(frame);
    await user.click(screen.getByRole('button', { name: /Voir le tableau/ }));
    expect(screen.queryByText('dessin')).toBe(null);
    expect(screen.getByRole('rowheader', { name: '2 nov.' })).toBeTruthy();
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(violations.map((v) => v.id)).toEqual([]);
  });
  it('is one key away for whoever points at it or is in it, and for no one else', async () => {
    render(frame);
    await user.keyboard('t');
    expect(screen.getByText('dessin')).toBeTruthy();
    await user.hover(screen.getByText('dessin'));
    await user.keyboard('t');
    expect(screen.getByRole('table')).toBeTruthy();
    await user.keyboard('t');
    expect(screen.getByText('dessin')).toBeTruthy();
  });
});
