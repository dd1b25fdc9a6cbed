"""Floor 1, judging: the platforms' figures as pure projections of messages. No I/O, no clock, no logging.

* `messages` is the log form, `instants` its times, `options` what a shop may choose, `authors` who wrote a text
* `ledger` takes messages in any order and cuts threads; `threads`, `readings`, `gaps`, `tally` are its parts
* `laws`, `walks`, `entries`, `senses`, `limits` are what all rules share: a law opens walks, a walk hears senses and
  closes entries; `wording` and the `*sentences` modules say why
* rounds: `taobao`, with its walk in `rounds`
* persons' days: `tmall`, `tejia`, `human_days` (Pinduoduo, Kuaishou); `person_laws` and `persons` are shared,
  `person_rules` lists them; `periods` and `penalty` look over several days
* single messages, sessions and means: `kuaishou`, `alibaba1688` (`singles`), `jd` (`sessions`), `douyin`
  (`session_means`), `tmall_time` (`means`); `message_law` is shared, `message_rules` lists them
* `report` and `rows` are what comes out, `restating` which settled days have moved, `flaws` what can be wrong
* `catalogue` is where a rule is found, `guiding` is what the desk asks of one
"""
