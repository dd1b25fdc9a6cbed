"""Who is who in an exported chat log: proposed by relay, confirmed by the owner, then read as messages.

An export has a nick, a time and a text. A welcome line that comes one second after every buyer, taken for a person's
answer, shows a rate near 100 %. So nothing that relay guesses is used as a fact: what nobody has confirmed is of kind
`unknown`, and a rule shows a range.

    source = Again(lambda: reader.read(path, who.columns))
    proposal = propose(source)                        what the file seems to say, with evidence
    text = write(proposal.who(), proposal)            the file for the owner, nothing confirmed
    who = merged(read(text), proposal)                what the owner said, and unconfirmed what is new
    understood(source, who, zone, proposal).lines()   the dry run
    messages(source, who, zone)                       for the rules; one call for each file
    Addresses(all).addressed(message)                 before a rule that counts by seat

    records       the owner's record
    wording       when two texts are the same, which names sound like a machine
    rereading     sources that are read more than once, times, order
    survey        first reading: nicks, conversations, slots of repeated texts
    roles         nicks and conversations proposed
    waits, texts  second reading: repeated texts and how fast they come
    proposal      everything proposed, with figures; `sentences` says it in words
    file_words, writing, reading   the owner's file
    cast          the record made ready to be asked, line by line
    retelling     utterances into messages
    addressing    to which seat a question went, as a reading
    understood    the dry run; `telling` says it in words
"""

from relay.insight.who.addressing import Addresses
from relay.insight.who.proposal import NickProposal, Proposal, RestProposal, TalkProposal, TextProposal, merged
from relay.insight.who.proposing import propose
from relay.insight.who.reading import Fault, WhoFileError, read
from relay.insight.who.records import Ignored, NickEntry, TextEntry, WhoIsWho
from relay.insight.who.rereading import Again
from relay.insight.who.retelling import messages
from relay.insight.who.understood import Understood, understood
from relay.insight.who.writing import write

__all__ = [
    "Addresses",
    "Again",
    "Fault",
    "Ignored",
    "NickEntry",
    "NickProposal",
    "Proposal",
    "RestProposal",
    "TalkProposal",
    "TextEntry",
    "TextProposal",
    "Understood",
    "WhoFileError",
    "WhoIsWho",
    "merged",
    "messages",
    "propose",
    "read",
    "understood",
    "write",
]
