"""`config.toml`: what the machine needs to start. What people change while relay runs is settings, never config.

tables    the tables and keys with their defaults, as frozen records
loading   file and environment to a Config, every error at once
secrets   `*_env` and `*_file` keys to their values; a literal secret is refused
reading   a TOML file as people write it on Windows, with findings that name line and key
lines     on which line a key stands
"""

from relay.config.loading import load_config
from relay.config.tables import ChannelConfig, Config, NotifierConfig, PartConfig, ResponderConfig

__all__ = ["ChannelConfig", "Config", "NotifierConfig", "PartConfig", "ResponderConfig", "load_config"]
