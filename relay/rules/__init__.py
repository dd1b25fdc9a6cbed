"""Floor 1, judging: the platforms' figures as pure projections of messages. No I/O, no clock, no logging.

* `messages` is the log form, `instants` its times, `options` what a shop may choose, `authors` who wrote a text
* `ledger` takes messages in any order and cuts threads; `threads`, `readings`, `gaps`, `tally` are its parts
* `taobao` is a rule: its versions, its options, its walk through one thread (`rounds`), its sentences (`sentences`)
* `report` is what comes out, `catalogue` is where a rule is found, `guiding` is what the desk asks of one
"""
