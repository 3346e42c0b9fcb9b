"""Integer arithmetic of U-Net: sizes, receptive fields, the whole U traced. No torch.

``arithmetic`` (lesson 01) → ``sizes`` (lesson 07) → ``fields`` (lesson 02) →
``tracing`` (lesson 07) → ``graphs`` (lesson 16).
"""

from unet_teach.shapes.arithmetic import conv_out, conv_transpose_out, dropped, pool_out
from unet_teach.shapes.fields import (
    Field,
    Reach,
    receptive_field,
    receptive_field_backwards,
    skip_margins,
    u_reaches,
    unet_field,
    unet_reach,
)
from unet_teach.shapes.graphs import GraphEdge, GraphNode, GraphTrace, edge_kind, trace_graph
from unet_teach.shapes.sizes import (
    IllegalSize,
    legal_sizes,
    nearest_legal_sizes,
    output_size,
    size_step,
    skip_sizes,
    smallest_size,
)
from unet_teach.shapes.tracing import Skip, Step, Trace, trace

__all__ = [
    "Field",
    "GraphEdge",
    "GraphNode",
    "GraphTrace",
    "IllegalSize",
    "Reach",
    "Skip",
    "Step",
    "Trace",
    "conv_out",
    "conv_transpose_out",
    "dropped",
    "edge_kind",
    "legal_sizes",
    "nearest_legal_sizes",
    "output_size",
    "pool_out",
    "receptive_field",
    "receptive_field_backwards",
    "size_step",
    "skip_margins",
    "skip_sizes",
    "smallest_size",
    "trace",
    "trace_graph",
    "u_reaches",
    "unet_field",
    "unet_reach",
]
