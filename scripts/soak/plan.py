"""What is done to one run: everything follows from its seed."""

import dataclasses
import random

SIGNALS = ("KILL", "SEGV", "BUS", "STOP", "TERM")
TRANSPORTS = ("pipe", "unix", "seqpacket", "tcp", "mq", "shm", "shm_loan", "zeromq")


@dataclasses.dataclass(frozen=True)
class Kill:
    """One signal to one worker at one moment of a run."""
    seed: int
    transport: str
    policy: str | None  # of --on-worker-death; None: the program has no such option
    signal: str  # a name of SIGNALS
    moment: float  # as a share of the length of an undisturbed run
    choice: float  # which of the workers that there are at that moment
    continue_after_s: float | None  # STOP: until CONT; None: it stays stopped


def plan_kill(seed: int, transports: tuple[str, ...], policies: tuple[str | None, ...]) -> Kill:
    """Transports take turns from seed to seed, policies after each round of transports."""
    dice = random.Random(seed)
    name = dice.choice(SIGNALS)
    resumes = name == "STOP" and dice.random() < 0.5
    return Kill(seed=seed, transport=transports[seed % len(transports)],
                policy=policies[seed // len(transports) % len(policies)], signal=name,
                moment=dice.random(), choice=dice.random(),
                continue_after_s=dice.uniform(0.001, 0.5) if resumes else None)
