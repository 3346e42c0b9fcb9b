"""How large is the map that a convolution, a pooling or a transposed convolution gives?

The letters are those of Dumoulin and Visin, "A guide to convolution arithmetic for
deep learning" (2016): n input size, k kernel, s stride, p padding on each side,
d dilation; all of one side, so height and width are each computed apart.
Lesson 01 derives every formula here.
"""

from __future__ import annotations

from unet_teach.config import whole


def _settings(n: int, k: int, s: int, p: int, d: int) -> tuple[int, int, int, int, int]:
    return (
        whole("input size n", n, 1),
        whole("kernel size k", k, 1),
        whole("stride s", s, 1),
        whole("padding p", p, 0),
        whole("dilation d", d, 1),
    )


def _slack(n: int, k: int, p: int, d: int) -> int:
    """Pixels by which the padded input is longer than the kernel: where the kernel can go."""
    reach = d * (k - 1) + 1
    if reach > n + 2 * p:
        raise ValueError(
            f"a kernel that spans {reach} pixels (k = {k}, d = {d}) does not fit into "
            f"{n + 2 * p} (n = {n}, p = {p}); smallest n that fits: {max(reach - 2 * p, 1)}"
        )
    return n + 2 * p - reach


def conv_out(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Output size of a convolution, ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1.

    Parameters
    ----------
    n : int
        Input size of one side, in pixels.
    k, s, p, d : int
        Kernel size, stride, zero-padding on each side, dilation.

    Returns
    -------
    int
        Output size in pixels.

    Raises
    ------
    ValueError
        A setting is not a whole number or too small, or the kernel does not fit into the
        padded input.

    References
    ----------
    Dumoulin and Visin 2016, relationship 6, with the dilation of section 5.1.

    Examples
    --------
    >>> conv_out(572, 3)
    570
    >>> conv_out(7, 3, s=2), conv_out(8, 3, s=2)  # floor: two inputs, one output
    (3, 3)
    """
    n, k, s, p, d = _settings(n, k, s, p, d)
    return _slack(n, k, p, d) // s + 1


def dropped(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Pixels at the end of the padded input that floor throws away: no output ever sees them.

    Holds for a convolution and for a pooling of the same settings; where it is 0, the
    division in ``conv_out`` comes out even.

    Examples
    --------
    >>> dropped(285, k=2, s=2)  # a pooling of an odd map
    1
    >>> dropped(7, 3, s=2), dropped(8, 3, s=2)
    (0, 1)
    """
    n, k, s, p, d = _settings(n, k, s, p, d)
    return _slack(n, k, p, d) % s


def pool_out(n: int, k: int = 2, s: int | None = None, p: int = 0, d: int = 1) -> int:
    """Output size of a pooling: the formula of ``conv_out``, with stride k unless told.

    As in torch, the padding is at most half of k, so that no window lies wholly in it.

    Examples
    --------
    >>> pool_out(568), pool_out(569)  # floor drops the last pixel of 569
    (284, 284)
    >>> pool_out(6, k=3, s=2, p=1)
    3
    """
    n, k, s, p, d = _settings(n, k, k if s is None else s, p, d)
    if p > k // 2:
        raise ValueError(f"padding p is {p}; a pooling with k = {k} takes 0 to {k // 2}")
    return _slack(n, k, p, d) // s + 1


def conv_transpose_out(
    n: int, k: int, s: int = 1, p: int = 0, d: int = 1, output_padding: int = 0
) -> int:
    """Output size of a transposed convolution, (n − 1)s − 2p + d(k − 1) + output_padding + 1.

    It is ``conv_out`` read backwards: the smallest input from which that convolution
    gives n. With a stride, s different inputs do so; ``output_padding`` chooses among them.

    Parameters
    ----------
    n : int
        Input size of one side, in pixels.
    k, s, p, d : int
        Kernel size, stride, dilation; p is the padding of the convolution that is
        transposed, and takes p pixels *away* from each side.
    output_padding : int
        Pixels added at the end; smaller than the stride or than the dilation.

    Raises
    ------
    ValueError
        As ``conv_out``; also if nothing is left of the output.

    References
    ----------
    Dumoulin and Visin 2016, relationship 14.

    Examples
    --------
    >>> conv_transpose_out(28, k=2, s=2)  # the paper's up-convolution
    56
    >>> conv_transpose_out(3, k=3, s=2), conv_transpose_out(3, k=3, s=2, output_padding=1)
    (7, 8)
    """
    n, k, s, p, d = _settings(n, k, s, p, d)
    output_padding = whole("output_padding", output_padding, 0)
    if output_padding >= max(s, d):
        raise ValueError(
            f"output_padding is {output_padding}; with s = {s}, d = {d} it takes "
            f"0 to {max(s, d) - 1}"
        )
    out = (n - 1) * s - 2 * p + d * (k - 1) + output_padding + 1
    if out < 1:
        raise ValueError(
            f"padding p is {p} and takes all pixels away (output size {out}); "
            f"largest p that leaves one: {(out + 2 * p - 1) // 2}"
        )
    return out
