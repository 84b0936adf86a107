"""Forms: `formats` (typed values as text and back), `rules` (what a field demands), `binding` (rules, typed text and
errors of one
form), `widgets` (which HTML), `lines` (tables of records inside a record), `stale` (who else changed it meanwhile)."""
