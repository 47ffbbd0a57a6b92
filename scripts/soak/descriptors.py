"""Whether the number of open descriptors of a program that starts children again and again grows."""

LATE_GAPS = 3  # in a single one, looks may fall into the making of a trial or the end of the program


class DescriptorGaps:
    """The least number of descriptors in each gap: the time between two sets of children."""

    def __init__(self) -> None:
        self._least: list[int] = []
        self._had_children = False

    def add(self, children: int, descriptors: int | None) -> None:
        """One look at the program. The time before its first child is no gap."""
        if children:
            self._had_children = True
            return
        if descriptors is None or (not self._had_children and not self._least):
            return
        if self._had_children:
            self._least.append(descriptors)
            self._had_children = False
        self._least[-1] = min(self._least[-1], descriptors)

    @property
    def least(self) -> tuple[int, ...]:
        """One number a gap, in order."""
        return tuple(self._least)

    def growth(self) -> int | None:
        """How many more there are in the middle one of the last gaps than in the second one; None with too few gaps.

        The first gap lies behind the reference process: in the course of it the journal is opened, which stays.
        """
        if len(self._least) <= LATE_GAPS + 1:
            return None
        return max(0, sorted(self._least[-LATE_GAPS:])[LATE_GAPS // 2] - self._least[1])
