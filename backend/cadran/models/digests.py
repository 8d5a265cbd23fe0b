"""Which digest was sent to whom: one a person and day, whatever happens to the workers."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cadran.kit.tables import Base


class Digest(Base):
    """Asked for when the row is there; ``sent_at``: when the mail server took it, or refused it for good."""

    __tablename__ = "digests"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime | None]
