"""Floor 0, deciding: pure values and functions. No I/O, no clock, no randomness, no logging, no await."""
