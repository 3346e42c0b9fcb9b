"""Looking inside a network: what a layer gives, what an output saw, what a part does.

`features` (lessons 02 and 09): maps, and the pixels that an output saw.
"""

from unet_teach.inspection.features import (
    influence,
    layer_names,
    measured_receptive_field,
    record,
)

__all__ = ["influence", "layer_names", "measured_receptive_field", "record"]
