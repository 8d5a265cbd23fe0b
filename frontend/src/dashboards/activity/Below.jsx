import { user } from '../../app/session.js';
import { Decide } from './Decide.jsx';
import { OwnAndTeam } from './OwnAndTeam.jsx';
import { Team } from './Team.jsx';

/** Who is where, and what to decide. @param {{board: import('../types.js').Board}} props */
export default function Below({ board }) {
  return (
    <div class="two-one">
      {user.value?.role === 'rep' ? <OwnAndTeam board={board} /> : <Team board={board} />}
      <Decide board={board} />
    </div>
  );
}
