"""From entries to the documents that post the same in bookkeeping software, place by place.

The commercial documents of an entry (or of a day's or a session's entries) are proposed first;
what their effects leave of the postings goes into one journal entry. So every kind of event
reaches the books, whether or not it has a rule of its own, and nothing is ever said twice.
"""

from sync.plan.conservation import conserved
from sync.plan.desk import Past
from sync.plan.planner import plan_entry, plan_reversal
from sync.plan.scope import Scope, scope_of
from sync.plan.sets import plan_set

__all__ = ["Past", "Scope", "conserved", "plan_entry", "plan_reversal", "plan_set", "scope_of"]
