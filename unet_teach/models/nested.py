"""U-Net++ and UNet 3+: one network that is built from a skip graph.

Zhou et al., "UNet++: A Nested U-Net Architecture for Medical Image Segmentation",
DLMIA 2018; Huang et al., "UNet 3+: A Full-Scale Connected UNet for Medical Image
Segmentation", ICASSP 2020. Both keep U-Net's contracting path and change only
which map goes where: edges of a `SkipGraph`. Lesson 16 adds and removes them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.config import Edge, Node, SkipGraph, UNetConfig
from unet_teach.layers import DoubleConv, initialise, make_upsampler
from unet_teach.models.inputs import check_input, require


class NestedUNet(nn.Module):
    """A U-Net with any skips: every node of the graph is a block of convolutions.

    A node brings its inputs to its own size, by max pooling from above and by
    upsampling from below, concatenates them and convolves. `SkipGraph.u_net(depth)`
    gives the plain U-Net of `unet_teach.models.unet`.

    Parameters
    ----------
    config : UNetConfig
        `padding` must be "same", so that all maps of a level have one size, and
        `merge` "concat" (to forget a skip, remove its edge).
    graph : SkipGraph
        Of the config's depth. A node that no head needs is not built.

    Raises
    ------
    ValueError
        A config that skip graphs are not defined for, or one of another depth.
    unet_teach.shapes.IllegalSize
        From `forward`, where a side is no multiple of 2**depth.

    Examples
    --------
    >>> config = UNetConfig(padding="same", base_channels=4, depth=3)
    >>> NestedUNet(config, SkipGraph.u_net(3))(torch.zeros(1, 1, 16, 24)).shape
    torch.Size([1, 2, 16, 24])
    """

    def __init__(self, config: UNetConfig, graph: SkipGraph) -> None:
        super().__init__()
        require(config, type(self).__name__, padding="same", merge="concat")
        if graph.depth != config.depth:
            raise ValueError(
                f"the graph has depth {graph.depth} and the config depth {config.depth}; "
                f"they must agree"
            )
        self.config, self.graph = config, graph
        self.order = graph.order  # every node after its inputs
        self.edges = nn.ModuleDict()
        self.nodes = nn.ModuleDict()
        for node in self.order:
            joined = 0 if graph.inputs(node) else config.in_channels
            for start in graph.inputs(node):
                self.edges[_name(start, node)], width = self._edge((start, node))
                joined += width
            self.nodes[_name(node)] = self._node(node, joined)
        self.heads = nn.ModuleDict({_name(node): self._head(node) for node in graph.heads})
        self.dropout = nn.Dropout(config.dropout)
        initialise(self)

    def _width(self, node: Node) -> int:
        """Channels of a node's map."""
        level, column = node
        if self.graph.projected and column > 0:  # UNet 3+: 5 scales of 64 are 320 at depth 4
            return self.config.base_channels * (self.graph.depth + 1)
        return self.config.channels[level]

    def _edge(self, edge: Edge) -> tuple[nn.Module, int]:
        """What an edge does to a map, and the channels that it delivers."""
        start, end = edge
        width, rise = self._width(start), start[0] - end[0]
        parts: list[nn.Module] = []
        if rise < 0:
            parts.append(nn.MaxPool2d(2**-rise))  # (B, C, H, W) -> (B, C, H/2, W/2) a level
        if self.graph.projected and end[1] > 0:
            if rise > 0:
                parts.append(nn.Upsample(scale_factor=2**rise, mode="bilinear"))
            parts.extend(self._conv(width, self.config.base_channels))
            return nn.Sequential(*parts), self.config.base_channels
        for _ in range(rise):  # (B, 2C, H, W) -> (B, C, 2H, 2W) a level
            parts.append(make_upsampler(self.config.upsample, width, width // 2))
            width //= 2
        return nn.Sequential(*parts), width  # within a level: nothing to do

    def _node(self, node: Node, joined: int) -> nn.Module:
        if self.graph.projected and node[1] > 0:
            return self._conv(joined, self._width(node))
        return DoubleConv(joined, self._width(node), "same", self.config.batch_norm)

    def _conv(self, in_channels: int, out_channels: int) -> nn.Sequential:
        """UNet 3+'s block: one 3×3 convolution, batch norm where the config says so, ReLU."""
        norm = [nn.BatchNorm2d(out_channels)] if self.config.batch_norm else []
        conv = nn.Conv2d(in_channels, out_channels, 3, padding="same", bias=not norm)
        return nn.Sequential(conv, *norm, nn.ReLU(inplace=True))

    def _head(self, node: Node) -> nn.Module:
        size = 3 if self.graph.projected else 1  # UNet 3+ scores with 3×3, U-Net++ with 1×1
        return nn.Conv2d(self._width(node), self.config.out_channels, size, padding="same")

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Logits (B, K, H, W) of images (B, C, H, W).

        With deep supervision (more than one head) a network in training mode gives a
        tuple, one (B, K, H, W) a head and the output last: add up their losses. In
        evaluation mode it gives the mean of the heads at full resolution: for
        U-Net++ the "accurate mode" (section 3.2), for UNet 3+ its last head alone.
        """
        check_input(x, self.config)
        maps: dict[Node, Tensor] = {}
        for node in self.order:
            inputs = [self.edges[_name(s, node)](maps[s]) for s in self.graph.inputs(node)]
            joined = torch.cat(inputs, dim=1) if inputs else x  # (B, sum of C, h, w)
            maps[node] = self.nodes[_name(node)](joined)  # (B, C, h, w)
            if node[1] == 0 and node[0] >= self.config.depth - 1:
                maps[node] = self.dropout(maps[node])

        logits = {node: self.heads[_name(node)](maps[node]) for node in self.graph.heads}
        if self.training and len(logits) > 1:
            return tuple(_enlarge(z, 2**level) for (level, _), z in logits.items())
        finest = min(level for level, _ in logits)
        return torch.stack([z for (level, _), z in logits.items() if level == finest]).mean(0)


def _enlarge(x: Tensor, factor: int) -> Tensor:
    """Bilinear: (B, C, H, W) -> (B, C, factor·H, factor·W)."""
    return F.interpolate(x, scale_factor=factor, mode="bilinear") if factor > 1 else x


def _name(*nodes: Node) -> str:
    """A name without dots, as torch wants it: "1_0" for a node, "1_0__0_1" for an edge."""
    return "__".join(f"{level}_{column}" for level, column in nodes)


class UNetPlusPlus(NestedUNet):
    """U-Net++ (Zhou et al., 2018): the gap of each skip is filled with nodes.

    Parameters
    ----------
    config : UNetConfig
    deep_supervision : bool
        A 1×1 head on each of X^{0,1} … X^{0,depth}.

    Examples
    --------
    >>> config = UNetConfig(padding="same", base_channels=4, depth=2)
    >>> model = UNetPlusPlus(config, deep_supervision=True)
    >>> [tuple(logits.shape) for logits in model(torch.zeros(1, 1, 8, 8))]
    [(1, 2, 8, 8), (1, 2, 8, 8)]
    >>> model.eval()(torch.zeros(1, 1, 8, 8)).shape
    torch.Size([1, 2, 8, 8])
    """

    def __init__(self, config: UNetConfig, deep_supervision: bool = False) -> None:
        super().__init__(config, SkipGraph.unet_plus_plus(config.depth, deep_supervision))


class UNet3Plus(NestedUNet):
    """UNet 3+ (Huang et al., 2020): each expansive node sees all scales.

    Without the paper's classification-guided module; its hybrid loss isn't in `losses`, either.

    Parameters
    ----------
    config : UNetConfig
        Every scale is brought to `base_channels` by a 3×3 convolution; `upsample` is
        bilinear here, as in the paper, whatever the config says.
    deep_supervision : bool
        A 3×3 head on the bottom and on each expansive node, enlarged to full size.

    Examples
    --------
    >>> config = UNetConfig(padding="same", base_channels=4, depth=2)
    >>> UNet3Plus(config)(torch.zeros(1, 1, 8, 8)).shape
    torch.Size([1, 2, 8, 8])
    """

    def __init__(self, config: UNetConfig, deep_supervision: bool = False) -> None:
        super().__init__(config, SkipGraph.unet_3plus(config.depth, deep_supervision))
