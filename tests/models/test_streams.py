"""Layers of two streams against torch's own, one stream after the other."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from avparse.models._streams import StreamConvolution, StreamLayer, StreamLayerNorm, StreamLinear


def common(layer: StreamLayer, make: Callable[[], nn.Module], count: int) -> list[nn.Module]:
    """Layers of torch's, with the parameters of a layer of ours."""
    found = []
    weights, biases = (layer.parts(p.detach(), count) for p in (layer.weight, layer.bias))
    for weight, bias in zip(weights, biases, strict=True):
        made = make()
        made.load_state_dict({"weight": weight, "bias": bias})
        found.append(made)
    return found


def close(found: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("streams", [1, 2])
@pytest.mark.parametrize("beside", [1, 2])
def test_a_linear_layer_is_torchs_for_each_stream(streams: int, beside: int) -> None:
    layer, x = StreamLinear(5, 4 * beside, streams), torch.rand(2, 3, 7, 5)
    own = common(layer, lambda: nn.Linear(5, 4), streams * beside)
    for stream in range(2):
        mine = own[:beside] if streams == 1 else own[stream * beside : (stream + 1) * beside]
        close(layer(x)[stream], torch.cat([linear(x[stream]) for linear in mine], dim=-1))


@pytest.mark.parametrize("streams", [1, 2])
def test_a_norm_is_torchs_for_each_stream(streams: int) -> None:
    layer, x = StreamLayerNorm(6, streams), torch.rand(2, 3, 7, 6)
    nn.init.normal_(layer.weight), nn.init.normal_(layer.bias)
    own = common(layer, lambda: nn.LayerNorm(6), streams)
    for stream in range(2):
        close(layer(x)[stream], own[stream % streams](x[stream]))


@pytest.mark.parametrize("dilation", [1, 2, 4, 8, 12])
@pytest.mark.parametrize("taps", [1, 3, 5])
def test_a_convolution_is_torchs_for_each_stream(taps: int, dilation: int) -> None:
    """Its gradients, written by hand, too; also where a tap meets padding alone."""
    ours = StreamConvolution(6, 4, taps, dilation)
    x = torch.rand(2, 3, 10, 6, requires_grad=True)
    reach = dilation * (taps // 2)
    own = common(ours, lambda: nn.Conv1d(6, 4, taps, padding=reach, dilation=dilation), 2)
    wanted = torch.stack([conv(one.mT).mT for conv, one in zip(own, x, strict=True)])
    close(ours(x), wanted)
    direction = torch.rand_like(wanted)
    (wanted * direction).sum().backward()
    of_x, x.grad = x.grad, None
    (ours(x) * direction).sum().backward()
    close(x.grad, of_x)
    for stream, conv in enumerate(own):
        for mine, torchs in ((ours.weight, conv.weight), (ours.bias, conv.bias)):
            close(ours.parts(mine.grad, 2)[stream], torchs.grad)


@pytest.mark.parametrize("taps", [1, 3])
def test_a_convolution_in_bfloat16_learns_the_same(taps: int) -> None:
    torch.manual_seed(0)
    layer, x = StreamConvolution(16, 16, taps, 2), torch.rand(2, 3, 10, 16)
    gradients = []
    for enabled in (False, True):
        layer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            out = layer(x)
        assert out.dtype == (torch.bfloat16 if enabled else torch.float32)
        out.float().square().sum().backward()
        gradients.append(layer.weight.grad)
    torch.testing.assert_close(*gradients, rtol=0.1, atol=0.5)


def test_what_fills_a_part_fills_the_layer() -> None:
    layer = StreamLinear(3, 4)
    with torch.no_grad():
        layer.parts(layer.weight, 4)[2].fill_(7.0)  # the second stream's first half
    assert (layer.weight[1, :, :2] == 7).all()
    assert (layer.weight == 7).sum() == 6


def test_both_streams_start_out_like_torchs_layers() -> None:
    torch.manual_seed(0)
    layer, taps = StreamLinear(400, 300), StreamConvolution(100, 300, taps=3)
    for weight, inputs in ((layer.weight, 400), (taps.weight, 300)):
        assert weight.abs().max().item() == pytest.approx(inputs**-0.5, rel=1e-2)
        assert weight.std().item() == pytest.approx((3 * inputs) ** -0.5, rel=2e-2)
    assert not torch.equal(layer.weight[0], layer.weight[1])
