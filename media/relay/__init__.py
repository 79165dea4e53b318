"""The relay: a selective forwarder for calls of more than two.

Packets go from whoever publishes them to whoever watches and listens, without being decoded:

==============  ==================================================================================
`rtp`           the bytes of a packet, as far as a forwarder reads and writes them
`keyframes`     where a picture begins that needs no earlier one
`arrivals`      what came of one stream, and what is missing: reports and NACKs upwards
`transport_cc`  when each packet came, for the publisher's congestion control
`source`        one thing that somebody publishes, and who gets it
`outlet`        one place in which somebody gets a source, under its own numbers
`estimates`     what the subscribers' lines carry, as one figure for the publisher
`road`          ICE, and the sockets below it
`leg`           one participant's connection: DTLS and SRTP on a road
`offers`        a page's offer, and our answer
`wiring`        who sees and hears whom
`room`          the legs of one call
==============  ==================================================================================
"""
