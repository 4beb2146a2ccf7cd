"""Every message of a problem, in English and Chinese, by its stable code.

A message starts in lower case, shows the user's own words in backticks, and is followed by the mend. Letters: F files
and YAML, S schema, L library and loading of packs, X limits; P parsing, N names, M money and facts; U types and units,
R structure, W doubts, V claims and proofs; C the command line, T examples, D the drafter's desk; Q quantities;
B tables of platforms.
A code never changes its meaning.
"""

from __future__ import annotations

from policyeval.message import Message
from policyeval.messages_audit import AUDIT
from policyeval.messages_batch import BATCH
from policyeval.messages_checking import CHECKING
from policyeval.messages_doors import DOORS
from policyeval.messages_files import FILES
from policyeval.messages_lint import LINTS
from policyeval.messages_proofs import PROOFS
from policyeval.messages_provisions import PROVISIONS
from policyeval.messages_reading import READING

MESSAGES: dict[str, Message] = {
    **FILES,
    **READING,
    **CHECKING,
    **LINTS,
    **PROOFS,
    **PROVISIONS,
    **AUDIT,
    **BATCH,
    **DOORS,
}
