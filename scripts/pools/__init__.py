"""The parts of scripts/compare_pools.

Only `models`, `worker`, `adapters` and `measure` need torch; they run in processes of their own.
"""
