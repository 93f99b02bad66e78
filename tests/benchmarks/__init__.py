"""Benchmarks: this package against its peers, measured in one run. `python -m tests.benchmarks --help`.

`inputs` makes the data, `contender` says what is measured, `nearest_peers`, `join_peers`, `osm_peers`, `round_peers`,
`release_peers` and `release_writers` (over `release_inputs`) are those,
`cases` puts them side by side, `worker` runs each in a process of its own, `report` writes what came out.
"""
