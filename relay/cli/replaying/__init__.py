"""`relay replay LOG` in parts: `names` (what the wire cannot carry under its own name), `script` (the log as lines),
`house` (the folder of one replay), `settings` (the shops it is replayed to), `pace` (the clock), `playing` (relay and
the bridge, from beginning to end), `comparing` (the ledger's verdicts beside those of the file), `command` (all of it).
"""
