"""Telling people who do not look at relay: open alerts, by way of notifiers.

    pace      how many messages a notifier may be given, and when
    quiet     the hours in which only what is urgent passes
    wording   alerts to a notice: counts, the most urgent named first, no word of a buyer
    desks     what is open at each desk, and what its shops and seats are called
    outlet    what waits for one notifier
    levels    who must be told, and who next if nobody acknowledges
    room      committed facts in, messages out, every outcome back to the ledger

Laws: an alert is told once by each notifier that it reaches, and never dropped: it waits until it is told, seen or
over. Nothing here holds up a desk; what a notifier does harms no other.
"""
