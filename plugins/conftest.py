"""No property has to hold within so many milliseconds: a busy machine is no fault, and time is measured in bench/."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
