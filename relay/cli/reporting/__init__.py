"""What `relay report` and `relay explain` share: readings of the ledger, causes, differences, and a round's story."""
