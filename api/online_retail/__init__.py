"""The file format of "Online Retail" (UCI Machine Learning Repository): rows of a shop's takings.

`rows` reads the file, `facts` makes events of it (both pure), `totals` says what the ledger must
then hold, `transfer` sends it through the API. docs/online-retail.md explains the mapping.
"""
