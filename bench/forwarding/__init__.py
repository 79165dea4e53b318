"""What forwarding costs: our relay, and others in the same place, with the same load."""
