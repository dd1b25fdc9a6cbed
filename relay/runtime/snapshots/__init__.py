"""Snapshots: what a desk knew at one fact of its ledger, put away so that a start need not read from the first.

    snapshot     the record, and how it goes on from the facts that follow it
    fingerprint  of which code's making a snapshot is
    file         its form on disk: written whole or not at all, read whole or not at all
    making       the child process that reads the ledger and writes the file
    keeping      when a child is started, and what becomes of it

The law of this room: a desk from a snapshot and the facts after it is the desk from all facts, byte for byte in all
that it decides from then on. So a snapshot is used only where everything fits: its bytes, this code, this desk, and the
very fact it names, with that hash, on the ledger. Wherever anything does not, the ledger is read from its first fact. A
snapshot is never part of the proof: it can be deleted at any time.
"""
