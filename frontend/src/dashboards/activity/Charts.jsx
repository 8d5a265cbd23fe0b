import { Cumulative } from './Cumulative.jsx';
import { Pipeline } from './Pipeline.jsx';

/** Where the period is heading, and what is to come. @param {{board: import('../types.js').Board}} props */
export default function Charts({ board }) {
  return (
    <div class="two-one">
      <Cumulative board={board} />
      <Pipeline board={board} />
    </div>
  );
}
