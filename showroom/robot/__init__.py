"""The robot advisor: what it shows and says when no human advisor is free.

The robot is a headless peer. Its picture is a car turning on a studio turntable, drawn live;
its voice is a soft murmur of syllables. Either can be replaced by a looped video file.

==============  ==========================================================================
`silhouettes`   the numbers that make a city car a city car: profiles, plans, glass
`hull`          a painted shell as a function: where the surface is
`mesh`          faces in space, and the builder that collects them
`body`          lofts those numbers into a mesh; the one entry point for 3-D cars
`panels`        what lies on the shell: glass, lamps, grille, shut lines, wheel arches
`wheels`        tyres, rims and spokes
`light`         the studio's lamps, and how each material answers them
`painter`       projects a mesh and fills its faces, far ones first
`studio`        the still parts of the picture: backdrop, floor, turntable
`lettering`     text with accents, without a system font
`turntable`     the finished picture: one call, one frame
`voice`         the sound
`pacing`        when the next frame is due, and which ones were missed
`clip`          a looped video file as WebRTC media tracks
`tracks`        picture and voice as WebRTC media tracks; clips as well
==============  ==========================================================================
"""
