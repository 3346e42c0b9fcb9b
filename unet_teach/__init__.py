"""U-Net, one measured step at a time.

The modules read in this order, each importing only from those above it:

``config``, ``shapes``, ``layers``, ``models``, ``data``, ``augment``,
``losses``, ``metrics``, ``tiling``, ``progress``, ``training``, ``inspection``,
``translation``, ``comparisons``: that is the library. Then the course: its engines,
``drawing``, ``threads``, ``ahead``, ``interactive``, ``film``, ``panel``, ``rooms``,
``exercises``; ``lessons``, a room for each; and the doors, ``classroom`` and ``cli``.

Nothing is imported here, so that ``import unet_teach.shapes`` stays free of torch.
"""

__version__ = "0.1.0"
