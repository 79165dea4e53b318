"""What is personal: found by an address or a number, exported, emptied when its time is over, and
erased on request, from everywhere.
"""
