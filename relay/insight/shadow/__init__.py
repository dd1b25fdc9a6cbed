"""What relay would have done in shops where it only watches or records: read off the facts, and judged by the rules.

    lived       the facts once more: what would have been sent, what held it back, whom relay would have chosen
    judged      the rule's verdicts as they were, and as they would have been with those texts
    weeks       both together, by day and shop
    changes     what other settings would have changed

Laws:
* Nothing is forecast. The desk decided each hold itself, by the conditions of `assist`; the rule judges the text at
  that instant; everything else stays as it was. An earlier answer changes what follows: nothing is claimed of that.
* Where the instant or the rule leaves a verdict open, the figure is a range.
* A text counts by the shop's own rule and options. Under the strict reading, which relay follows, it never does.
"""

from relay.insight.shadow.changes import Change, changes_of, plain
from relay.insight.shadow.lived import Lived
from relay.insight.shadow.weeks import Day, Missed, ShopWeek, weeks_of

__all__ = ["Change", "Day", "Lived", "Missed", "ShopWeek", "changes_of", "plain", "weeks_of"]
