import { Agenda } from './Agenda.jsx';
import { Portfolio } from './Portfolio.jsx';
import { Todo } from './Todo.jsx';

/** What to do, where to go, whom to watch. @param {{board: import('../types.js').Board}} props */
export default function Below({ board }) {
  return (
    <div class="two-one">
      <Todo board={board} />
      <div class="stack">
        <Agenda board={board} />
        <Portfolio board={board} />
      </div>
    </div>
  );
}
