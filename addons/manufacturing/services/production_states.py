"""The states of manufacturing orders that services ask for."""

#: Confirmed and not closed.
OPEN = ("confirmed", "progress", "to_close")
#: What may still be made: drafts too.
UNFINISHED = ("draft", *OPEN)
#: Nothing follows; work orders have the same two.
CLOSED = ("done", "cancel")
