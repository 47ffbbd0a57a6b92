"""The parts of scripts/soak_kills."""
