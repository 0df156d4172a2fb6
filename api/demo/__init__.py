"""The demonstration: a boutique in Montréal, a day of its trade, and the proof that all of it held.

`shop` and `till` and `story` say what happens (pure), `stage` plays it through the API while
QuickBooks goes away and comes back, `proof` reads both sides, `screen` shows them.
"""
