"""The kit for tests of relay and of its plugins: contract classes, fakes, and virtual time.

    fakes               `FakeClock`, `SeededEntropy`: time and chance in a test's hands
    virtual             `run_virtual`: a whole service in virtual time, the same for the same seed
    chance              `Chance`: choices by name, so that no choice hangs on another
    wire                `Platform`, `Wire`: a platform that keeps its own log, and a channel to it that is no good
    disk                `Disk`, `TimedStore`: the real file in virtual time, with crashes and I/O faults
    shrink              `shrink`: a failing list cut down to what the failure needs
    contracts_channel   `ChannelContract` for channel plugins; `FakeChannel`, `FakeIntake` for either side of one
    contracts_notifier  `NotifierContract` for notifiers; `FakeNotifier`, one without a network
    contracts_reader    `ReaderContract` for readers of exported chat logs
    contracts_responder `ResponderContract` for responders; `FakeResponder`, `FakeBook`
    contracts_rule      `RuleContract` for rules
    contracts_time      `ClockContract`, `EntropyContract`
    contracts_store     `StoreContract` for stores
    memory_store        `MemoryStore`, a store that keeps every promise but the disk
    scribe              `Scribe`: well-formed batches for a store, as a desk would write them

The contract classes need pytest (with pytest-asyncio in mode "auto"); the rest needs relay alone. Nothing is imported
here, so that a plugin's tests load only what they name.
"""
