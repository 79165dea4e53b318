"""An anonymised copy of a film: faces and number plates are blurred beyond recognition.

==========  ========================================================================================
`places`    rectangles in a picture, and what is common to both detectors
`faces`     where faces are: a small neural network that OpenCV runs
`plates`    where number plates are: a row of characters of one height on a plate
`tracks`    what was found is followed from picture to picture, forwards and back
`veil`      the blurring
`film`      a file in, a file out: what is decoded, hidden and encoded, and in which order
`progress`  how a process says how far it is
`pool`      how many processes there are, each for one film
==========  ========================================================================================

What is missed once in a second must not show: faces and plates are looked for five times a second,
followed in between, and hidden for a while before they were first found and after they were last
found, with a margin. Pixels that are hidden without need do no harm.
"""
