import { Complete } from './Complete.jsx';
import { Cycles } from './Cycles.jsx';
import { Duplicates } from './Duplicates.jsx';
import { Matrix } from './Matrix.jsx';

/** What to complete, what to merge, whom to call. @param {{board: import('../types.js').Board}} props */
export default function Below({ board }) {
  return (
    <>
      <div class="two-one">
        <Complete board={board} />
        <div class="stack">
          <Matrix board={board} />
          <Duplicates />
        </div>
      </div>
      <Cycles board={board} />
    </>
  );
}
