"""What every visit is shown alike: how many documents there are, and questions to begin with."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from index import YoujuError
from ui.page.samples import sample_questions

if TYPE_CHECKING:
    from ui.engine import Engine

LOG = logging.getLogger(__name__)


class PageState:
    """Keeps samples for the documents they were made from; makes them in the background, once for a state of the index."""

    def __init__(self, engine: Engine, *, can_change: bool, has_password: bool) -> None:
        """Make nothing yet."""
        self.can_change = can_change
        self.has_password = has_password
        self._engine = engine
        self._lock = threading.Lock()
        self._made_for: tuple[object, object] | None = None
        self._samples: tuple[str, ...] = ()

    def count(self) -> int:
        """Return the number of documents, 0 where there is no index yet."""
        try:
            return int(str(self._engine.assistant().info()["documents"]))
        except YoujuError:
            return 0

    def samples(self) -> tuple[str, ...]:
        """Return what there is, and begin to make new ones where the index has changed."""
        try:
            info = self._engine.assistant().info()
        except YoujuError:
            return ()
        state = (info["documents"], info["passages"])
        with self._lock:
            if state == self._made_for:
                return self._samples
            self._made_for = state
        threading.Thread(target=self._make, name="youju-samples", daemon=True).start()
        return self._samples

    def _make(self) -> None:
        try:
            self._samples = sample_questions(self._engine.assistant())
        except YoujuError as error:  # the index went away in between: no samples then
            LOG.warning("no sample questions: %s", error)
