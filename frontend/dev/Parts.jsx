import { useState } from 'preact/hooks';
import { Bullet, ChartFrame, CycleStrip, DotStrip, PlanBullets, StackedBar } from '../src/charts/index.js';
import { money, moneyParts } from '../src/i18n/format.js';
import { Combobox } from '../src/ui/Combobox.jsx';
import * as ui from '../src/ui/index.js';
import { lineTable } from './Activity.jsx';
import * as data from './samples.js';

/** Every part of the interface, in every state. */
export function Parts() {
  const [tab, setTab] = useState('a');
  const [chip, setChip] = useState('all');
  const [choice, setChoice] = useState(/** @type {any} */ (null));
  const [open, setOpen] = useState(
    location.hash === '#dialog' ? 'dialog' : location.hash === '#side' ? 'side' : '',
  );
  const [text, setText] = useState('Delmas');
  const options = ['Delmas Industrie', 'Énergie Plus', 'Fonderies du Rhin'].map((label) => ({
    value: label,
    label,
    note: 'Nantes',
  }));
  const dialog = {
    onClose: () => setOpen(''),
    title: 'Visites en retard',
    sub: '4 visites, 48 k€ en jeu',
    footer: <ui.Button variant="primary">Enregistrer</ui.Button>,
  };
  return (
    <div class="screen" id="parts" style={{ paddingTop: '16px' }}>
      <h1 class="vh">Parts</h1>
      <ui.KpiStrip label="Ma journée" pairs>
        <ui.KpiTile
          label="Visites en retard"
          value={{ number: '4' }}
          delta={{ text: '2 de plus de 7 jours', tone: 'bad', direction: 'down' }}
          aside={
            <>
              la plus ancienne
              <br />
              12 jours
            </>
          }
          facts={['dont 2 clients classés A']}
          link={{ text: '4 visites', href: '#' }}
        >
          <DotStrip
            label="Visites en retard"
            values={[2, 5, 9, 12]}
            warn={7}
            max={15}
            titles={['Énergie Plus', 'Laiterie Nord', 'Cotto', 'Briant']}
          />
        </ui.KpiTile>
        <ui.KpiTile
          label="Devis à relancer"
          value={moneyParts(128_000)}
          delta={{ text: '2 expirent vendredi', tone: 'bad', direction: 'down' }}
          facts={['3 depuis plus de 15 jours']}
          link={{ text: '7 devis', href: '#' }}
        >
          <DotStrip label="Devis à relancer" values={[8, 9, 11, 14, 16, 23, 27, 27]} warn={15} max={30} />
        </ui.KpiTile>
        <ui.KpiTile
          label="Portefeuille en cours"
          value={moneyParts(342_000)}
          delta={{ text: '21 k€ échus', tone: 'warn' }}
          facts={['3 clients à relancer']}
          link={{ text: '38 dossiers', href: '#' }}
        >
          <StackedBar label="Portefeuille" parts={data.portfolio} />
        </ui.KpiTile>
        <ui.KpiTile label="Visites" value={{ number: '–' }} reason="Aucune visite sur la période" facts={[]}>
          <DotStrip label="Beaucoup" values={data.series(80, (i) => (i * 7) % 31)} warn={15} max={30} />
        </ui.KpiTile>
      </ui.KpiStrip>
      <div class="two-one">
        <ChartFrame title="Clients par silence ÷ cycle" table={lineTable}>
          <CycleStrip label="Clients" customers={data.customers} />
        </ChartFrame>
        <ui.Panel title="Plan d’action T4">
          <PlanBullets label="Plan Rhin" actions={0.78} revenue={0.42} time={0.6} />
          <br />
          <PlanBullets label="Plan Ouest" actions={0.5} revenue={0.82} time={0.6} />
          <br />
          <Bullet label="Remise" value={0.14} pace={0.1} target={0.1} unit="ratio" lowerIsBetter />
          <Bullet label="Négatif" value={-12_000} pace={20_000} target={60_000} />
        </ui.Panel>
      </div>
      <div class="two-one">
        <ui.Panel title="Boutons, choix, champs">
          <div class="stack">
            <div class="row">
              <ui.Button variant="primary" onClick={() => ui.toast('Devis relancé', { undo: () => {} })}>
                Relancer
              </ui.Button>
              <ui.Button onClick={() => setOpen('dialog')}>Fenêtre</ui.Button>
              <ui.Button onClick={() => setOpen('side')}>Panneau</ui.Button>
              <ui.Button variant="quiet" icon="plus">
                Ajouter
              </ui.Button>
              <ui.Button variant="danger" icon="trash" onClick={() => ui.toast('Refusé', { tone: 'bad' })}>
                Supprimer
              </ui.Button>
              <ui.Button busy>Envoi</ui.Button>
              <ui.Button disabled>Inactif</ui.Button>
              <ui.Menu
                label="Actions"
                trigger={(a) => (
                  <button type="button" class="icon-button" aria-label="Actions" {...a}>
                    <ui.Icon name="dots" />
                  </button>
                )}
                items={[
                  { key: 'a', label: 'Replanifier', icon: 'calendar' },
                  { key: 'b', label: 'Supprimer', icon: 'trash', danger: true },
                ]}
              />
              <ui.Tag>Brouillon</ui.Tag> <ui.Tag tone="bad">Échu 34 j</ui.Tag>{' '}
              <ui.Tag tone="warn">Depuis 16 j</ui.Tag> <ui.Tag tone="good">Gagné</ui.Tag>
            </div>
            <ui.Chips
              label="Filtrer"
              value={chip}
              onChange={setChip}
              items={[
                { value: 'all', label: 'Tout', count: 22 },
                { value: 'v', label: 'Visites', count: 4 },
                { value: 'q', label: 'Devis', count: 7 },
                { value: 't', label: 'Tâches', count: 11 },
              ]}
            />
            <ui.FilterChips
              label="Filtres"
              items={[
                { key: 'a', label: 'nov. 2026' },
                { key: 'b', label: 'BU Industrie', onRemove: () => {} },
              ]}
            />
            <ui.Tabs
              label="Fiche"
              value={tab}
              onChange={setTab}
              items={[
                { value: 'a', label: 'Contacts', count: 4 },
                { value: 'b', label: 'Devis' },
                { value: 'c', label: 'Commandes' },
              ]}
            >
              <p style={{ paddingTop: '12px' }}>Onglet {tab}</p>
            </ui.Tabs>
            <div class="two">
              <ui.TextField label="Nom" value={text} onInput={setText} required hint="Raison sociale" />
              <ui.TextField
                label="E-mail"
                value="camille@"
                type="email"
                error="Cette adresse est incomplète."
              />
              <ui.Select
                label="Étape"
                value="b"
                options={[
                  { value: 'a', label: 'Qualification' },
                  { value: 'b', label: 'Proposition' },
                ]}
              />
              <Combobox label="Client" value={choice} onChange={setChoice} options={options} />
            </div>
            <ui.TextArea label="Compte rendu" value="Le client a confirmé son intérêt." optional />
            <ui.Checkbox label="Décideur" checked onChange={() => {}} />
          </div>
        </ui.Panel>
        <div class="stack">
          <ui.Notice tone="warn" icon="clock">
            1 compte rendu attend le réseau
          </ui.Notice>
          <ui.ErrorState error={{ status: 503 }} since={new Date()} onRetry={() => {}} />
          <ui.Panel title="Vide">
            <ui.EmptyState
              title="Pas d’objectif pour novembre"
              action={<ui.Button>Fixer l’objectif</ui.Button>}
            >
              Sans objectif, le rythme ne peut pas être calculé.
            </ui.EmptyState>
          </ui.Panel>
          <ui.Panel title="En attente">
            <ui.Skeleton lines={3} />
            <ui.Skeleton height="60px" />
          </ui.Panel>
          <ui.Panel title="Erreur">
            <ui.ErrorState error={{ name: 'NetworkError' }} onRetry={() => {}} />
          </ui.Panel>
        </div>
      </div>
      <ui.Panel title="Cartes sur un téléphone" flush>
        <ui.DataTable
          caption="Devis"
          selected={new Set()}
          columns={[
            { key: 'n', label: 'Numéro' },
            { key: 'c', label: 'Client' },
            { key: 'a', label: 'Montant', numeric: true, render: (r) => money(r.a), sum: '60 k€' },
            { key: 's', label: 'État', render: () => <ui.Tag tone="warn">À relancer</ui.Tag> },
          ]}
          sums="head"
          rows={[
            { id: '1', n: 'D-2026-0207', c: 'Groupe Hélias', a: 38_000 },
            { id: '2', n: 'D-2026-0198', c: 'Imprimerie Joly', a: 22_000 },
          ]}
          href={() => '#'}
        />
      </ui.Panel>
      <ui.Dialog open={open === 'dialog'} {...dialog}>
        <ui.TextField label="Nom" value={text} onInput={setText} />
      </ui.Dialog>
      <ui.SidePanel open={open === 'side'} {...dialog}>
        <ui.DataTable
          caption="Devis"
          columns={[
            { key: 'n', label: 'Numéro' },
            { key: 'a', label: 'Montant', numeric: true, render: (r) => money(r.a) },
          ]}
          rows={[{ id: '1', n: 'D-2026-0207', a: 38_000 }]}
        />
      </ui.SidePanel>
    </div>
  );
}
