"""What all tests share."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

SEED_VARIABLE = "STILLAGE_SEED"


@pytest.fixture
def chance(request: pytest.FixtureRequest, record_property: Callable[[str, Any], None]) -> random.Random:
    """Random choices of one test, drawn anew by every run.

    The seed is in the output of a failed test; STILLAGE_SEED=<seed> repeats its choices.
    """
    seed = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().getrandbits(32))
    record_property("seed", seed)
    print(f"{SEED_VARIABLE}={seed} repeats the random choices of this test")
    # The name of the test is part of it: two tests of one run do not make the same choices.
    return random.Random(f"{seed} {request.node.name}")
