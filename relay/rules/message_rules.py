"""The shipped rules whose unit is the single message, the session, or the mean of waits."""

from relay.rules.alibaba1688 import ALIBABA1688
from relay.rules.douyin import DOUYIN
from relay.rules.jd import JD
from relay.rules.kuaishou import AGENT, SHOP
from relay.rules.laws import VersionedRule
from relay.rules.tmall_time import TMALL_TIME

MESSAGE_RULES: tuple[VersionedRule, ...] = (SHOP, AGENT, ALIBABA1688, JD, TMALL_TIME, DOUYIN)
