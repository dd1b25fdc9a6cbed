"""The shipped rules whose unit is the person's day."""

from relay.rules.human_days import KUAISHOU_2021, KUAISHOU_2023, PDD
from relay.rules.laws import VersionedRule
from relay.rules.tejia import TEJIA
from relay.rules.tmall import TMALL, TMALL_ACCOUNT

PERSON_RULES: tuple[VersionedRule, ...] = (TMALL, TMALL_ACCOUNT, TEJIA, PDD, KUAISHOU_2021, KUAISHOU_2023)
