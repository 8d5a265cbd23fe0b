import { Leads } from './Leads.jsx';
import { Plans } from './Plans.jsx';
import { Reports } from './Reports.jsx';
import { VisitsAndOrders } from './VisitsAndOrders.jsx';

/** Visits against orders, words, plans and leads; the leads alone for marketing. @param {{board: import('../types.js').Board}} props */
export default function Below({ board }) {
  if (!board.kpis.visit_reports) return <Leads board={board} />;
  return (
    <>
      <div class="two-one">
        <VisitsAndOrders board={board} />
        <Reports board={board} />
      </div>
      <div class="two-one">
        <Plans board={board} />
        <Leads board={board} />
      </div>
    </>
  );
}
