"""Where faces are, by CenterFace (Xu and others 2019, arXiv:1911.03599); see `model/README.md`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from media.anonymise.places import Picture, Place

MODEL = Path(__file__).parent / "model" / "centerface.onnx"
# How sure it must be. A thing that is taken for a face is blurred, which does no harm.
SURE = 0.25
# The longer side of what it looks at: its time goes with the area.
LONGEST = 960
_OUTPUTS = ("537", "538", "539")  # how sure, the size, and where in the cell
_CELL = 4
_STRIDE = 32
_SAME = 0.4


class Faces:
    """Finds faces from about 10 pixels of a picture that is 640 long."""

    def __init__(self) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(MODEL))

    def find(self, picture: Picture) -> list[Place]:
        """Return where faces are, each once."""
        height, width = picture.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        across, down = (int(np.ceil(side * scale / _STRIDE)) * _STRIDE for side in (width, height))
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (across, down), swapRB=True))
        sure, size, shift = (np.asarray(one)[0] for one in self._net.forward(_OUTPUTS))
        rows, columns = np.nonzero(sure[0] > SURE)
        if not len(rows):
            return []
        tall, wide = (np.exp(one[rows, columns]) * _CELL for one in size)
        y = (rows + shift[0, rows, columns] + 0.5) * _CELL - tall / 2
        x = (columns + shift[1, rows, columns] + 0.5) * _CELL - wide / 2
        ratio = np.array([width / across, height / down] * 2)
        boxes = np.stack([x, y, wide, tall], axis=1) * ratio
        found = cv2.dnn.NMSBoxes(boxes.tolist(), sure[0, rows, columns].tolist(), SURE, _SAME)
        return [Place(*boxes[number].tolist()) for number in np.asarray(found).ravel()]
