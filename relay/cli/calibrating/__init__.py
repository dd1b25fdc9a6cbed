"""`relay calibrate` in parts: `gathering` finds messages and published figures, `running` tries, shows and adopts."""
