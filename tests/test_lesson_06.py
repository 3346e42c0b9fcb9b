"""Lesson 06: surgery against a forward pass by hand, the merge's figures against torch."""

import json
import re
from itertools import product

import numpy as np
import pytest
import torch
from answers import is_accepted, is_told
from pictures import images_in
from scipy import ndimage
from torch.nn import functional as F

from unet_teach import layers
from unet_teach.ahead import as_a_page
from unet_teach.config import UNetConfig
from unet_teach.data.volume import standardise
from unet_teach.drawing.overlays import grey_levels
from unet_teach.drawing.pair import MEMBRANES, the_pair
from unet_teach.drawing.style import ORANGE, VERMILLION, rgb
from unet_teach.lessons.l06_concat_or_add import surgery
from unet_teach.lessons.l06_concat_or_add.exercises import costs, matched, parameters, tied
from unet_teach.lessons.l06_concat_or_add.measure import (
    FIRST,
    answer,
    clearest,
    clearness,
    given,
    meeting,
    places,
    reads,
)
from unet_teach.lessons.l06_concat_or_add.panel import merge_toggle, skip_surgery
from unet_teach.lessons.l06_concat_or_add.picture import operated
from unet_teach.lessons.l06_concat_or_add.readout import met, walls_read
from unet_teach.lessons.l06_concat_or_add.surgery import scaled
from unet_teach.metrics import thin
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.tiling import predict


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return UNet(UNetConfig(base_channels=3, depth=2, padding="same", batch_norm=True)).eval()


def by_hand(model, x, gains):
    """The same network, written out, with its skips scaled."""
    skips = []
    for i, convs in enumerate(model.contract):
        x = convs(F.max_pool2d(x, 2) if i else x)
        skips.append(x)
    for i in (1, 0):
        x = model.upsamplers[i](x)
        x = model.expand[i](torch.cat([gains[i] * skips[i], x], 1))
    return model.last(x)


@pytest.mark.parametrize("gains", [(1, 1), (0, 1), (1, 0), (1.5, 0.25)])
def test_an_operation_is_what_it_is_by_hand(model, gains):
    x = torch.rand(2, 1, 16, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = by_hand(model, x, gains)
    assert torch.allclose(scaled(model, x, gains), expected, atol=1e-6)


def test_the_model_is_left_as_it_was(model):
    x = torch.rand(1, 1, 16, 16)
    before = model(x)
    model.train()
    scaled(model, x, (0, 0))
    assert model.training and not any(part._forward_pre_hooks for part in model.expand)
    model.eval()
    assert torch.equal(model(x), before)


def test_a_network_without_skips_to_cut_is_refused(model):
    adding = UNet(UNetConfig(base_channels=2, depth=1, padding="same", merge="add"))
    for other in (adding, torch.nn.Conv2d(1, 1, 1)):
        with pytest.raises(ValueError, match="merge='concat'"):
            scaled(other, torch.rand(1, 1, 8, 8), [0.0])
    with pytest.raises(ValueError, match="1 gains; the network has 2 skips"):
        scaled(model, torch.rand(1, 1, 8, 8), [1.0])


# ---------------------------------------------------------------------------------- surgery
def test_the_whole_network_s_mask_is_the_library_s():
    network, image, labels = surgery.scene()
    found = surgery.answer({"gains": [1.0] * 4})
    white = predict(network, image)[1] > 0.5
    assert np.array_equal(found["map"] % 8 > 0, white)
    assert found["changed"] == 0 and found["map"].max() < surgery.CHANGED
    assert found["accuracy"] == np.mean(white == (labels == 1))
    assert (found["verdict"], round(found["v_rand"], 3)) == ("apart", 0.998)


def test_a_cut_is_judged_against_the_whole():
    before = surgery.answer({"gains": [1.0] * 4})["map"] % 8 > 0
    found = surgery.answer({"gains": [1.0, 1.0, 0.0, 1.0]})
    now, changed = found["map"] % 8 > 0, found["map"] >= surgery.CHANGED
    assert np.array_equal(now ^ before, changed) and found["changed"] == changed.mean()
    assert found["verdict"] == "merged" and surgery.B not in found["map"] % 8
    regions, count = ndimage.label(now)
    pair = the_pair(MEMBRANES)
    (top, left), places = pair.corner, pair.neurons
    both = {regions[row - top, column - left] for row, column in places}
    assert len(both) == 1 and count > 0
    yellow = found["map"] % 8 == surgery.BOTH
    assert yellow[regions == both.pop()].all()


def test_all_neurons_that_have_run_together_are_yellow_but_those_of_a_pair_that_is_apart():
    neurons, pair = ndimage.label(surgery.scene()[2] == 1)[0], the_pair(MEMBRANES)
    (top, left), places = pair.corner, pair.neurons
    ours = {int(neurons[row - top, column - left]) for row, column in places}
    for settings in list(surgery.recorded())[::3]:
        found = surgery.answer(settings)
        kind = found["map"] % 8
        regions, homes = thin(kind > 0), {}
        for n in range(1, neurons.max() + 1):
            numbers, counts = np.unique(regions[neurons == n], return_counts=True)
            if numbers[counts.argmax()] and 2 * counts.max() > counts.sum():
                homes.setdefault(int(numbers[counts.argmax()]), []).append(n)
        together = {n for group in homes.values() if len(group) > 1 for n in group}
        assert len(together) == found["joined"], settings
        for n in range(1, neurons.max() + 1):
            seen = set(kind[(neurons == n) & (kind > 0)].tolist())
            if n not in ours:
                assert seen <= {surgery.BOTH} if n in together else surgery.BOTH not in seen


def test_only_one_skip_holds_the_walls():
    """Each skip cut alone: the third is the one that this network cannot do without."""
    panel = skip_surgery()
    found = []
    for level in range(4):
        panel.set(gains=[0.0 if i == level else 1.0 for i in range(4)])
        found.append((panel.answer["verdict"], panel.answer["v_rand"] < 0.9))
    assert found == [("apart", False), ("apart", False), ("merged", True), ("apart", False)]
    panel.ask("Which skip holds the walls?")
    assert panel.settings["gains"] == [1, 1, 0, 1]


def test_each_question_has_its_sentence():
    panel = skip_surgery()
    told = {question: panel.answered(s)["because"] for question, s in panel.presets}
    cut = [
        surgery.answer({"gains": [0 if i == level else 1 for i in range(4)]})["v_rand"]
        for level in range(4)
    ]
    assert told["Which skip holds the walls?"].startswith(
        f"Level 2: without it alone V_rand falls to {cut[2]:.3f}, without any other it stays "
        f"at {cut[3]:.3f} or more."
    )
    assert told["Cut the finest?"].startswith(
        "The pair's wall stays, so this skip isn't what holds the pair apart: without level 0 "
        f"V_rand stays at {cut[0]:.3f}, and pixel accuracy even rises from 0.911 to 0.917"
    )
    assert told["No skip at all?"].startswith("The walls are gone: V_rand falls from 0.998")
    assert told["Is more better?"].startswith("No: at × 2")
    for question in list(told)[1:]:  # the first question is for a hand to answer
        assert "level 2" not in told[question].lower(), question


def test_a_sentence_agrees_with_its_mask():
    panel = skip_surgery()
    for settings in panel.recorded():
        found = panel.answered(settings)
        if found["because"].startswith("The pair's wall stays"):
            assert found["verdict"] == "apart", settings
        if found["because"].startswith(("Level 2", "The walls are gone")):
            assert found["verdict"] == "merged", settings
        rest = f"{found['joined']} of the {found['neurons']} neurons have run together"
        whole = surgery.answer({"gains": [1, 1, 1, 1]})
        told = found["headline"].split("; ")[1]
        if settings["gains"] == [1, 1, 1, 1]:
            assert told == "even whole, this network lets 2 of the 13 neurons run together."
        else:
            assert found["joined"] == 0 or told.startswith(rest)
            compared = f"{whole['joined']} with whole skips"
            same = found["joined"] == whole["joined"]
            assert told.endswith("as with whole skips." if same else f", {compared}.")
        for name, words in (("accuracy", "pixel accuracy"), ("v_rand", "V_rand")):
            change = round(found[name], 3) - round(whole[name], 3)
            for verb, isnt in (("even rises", change <= 0), ("falls from", change >= 0)):
                assert not (isnt and f"{words} {verb}" in found["because"]), settings
        assert found["said"].endswith(found["because"])


def test_gains_that_cannot_be_are_answered_with_some_that_can():
    found = surgery.answer({"gains": [3.0, 1.0, -1.0]})
    assert "valid are four numbers from 0 to 2" in found["problem"]
    assert found["offers"] == [{"gains": [2, 1.0, 0, 1]}]
    assert operated({"gains": []}, found).alt == found["problem"]


def test_the_still_mask_has_the_colours_of_its_map():
    panel = skip_surgery()
    panel.ask("Which skip holds the walls?")
    (shown,) = images_in(panel.picture.body)
    kinds, mask = panel.answer["map"] % 8, shown[:, -128:]
    gone = (panel.answer["map"] >= surgery.CHANGED) & (kinds > 0)
    assert (mask[gone] == rgb(VERMILLION)).all()
    assert (mask[(kinds == surgery.BOTH) & ~gone] == rgb(ORANGE)).all()
    assert panel.picture.alt == panel.answer["said"]


# ----------------------------------------------------------------------------------- readout
def test_what_meets_is_what_the_hand_joins(model):
    image = np.random.default_rng(0).integers(0, 256, (16, 24)).astype(np.uint8)
    x = torch.from_numpy(standardise(image))[None, None]
    with torch.no_grad():
        first = model.contract[0](x)
        second = model.contract[1](F.max_pool2d(first, 2))
    for (skip, below), due in zip(met(model, image), (first, second), strict=True):
        assert torch.allclose(skip, due[0], atol=1e-6) and below.shape == skip.shape
    assert not any(part._forward_pre_hooks for part in model.expand)


def test_the_walls_are_read_at_every_level():
    _model, _image, labels = surgery.scene()
    wall = torch.from_numpy(labels != 1).float()[None, None]
    for (_name, level), known in walls_read().items():
        there = F.avg_pool2d(wall, 2**level)[0, 0].numpy()
        assert known.shape == there.shape
        assert np.corrcoef(known.ravel(), there.ravel())[0, 1] > 0.4


# ------------------------------------------------------------------------------------- merge
@pytest.mark.parametrize("merge", ["concat", "add", "none"])
@pytest.mark.parametrize("level", [0, 3])
def test_the_figures_of_a_merge_are_those_of_the_network(merge, level):
    with torch.device("meta"):
        network = UNet(UNetConfig(merge=merge))
        seen = []
        network.expand[level].register_forward_pre_hook(lambda _part, x: seen.append(x[0]))
        network(torch.zeros(1, 1, 572, 572))
    first = network.expand[level][0]
    found = answer({"merge": merge, "level": level})["costs"][merge]
    assert found["joined"] == first.in_channels == seen[0].shape[1]
    assert found["megabytes"] == seen[0].numel() * 4 / 1e6
    assert found["next"] == count_parameters(first)
    assert found["network"] == count_parameters(network)


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
def test_what_each_channel_reads_is_what_the_layer_does(merge):
    """Mark one channel of an input: the joined channels that notice are those that read it."""
    for source, place in product(("skip", "below"), range(4)):
        maps = {name: torch.zeros(1, 4, 1, 1) for name in ("skip", "below")}
        maps[source][0, place] = 1
        joined = maps["below"] if merge == "none" else layers.merge(*maps.values(), merge)
        due = [i for i, sources in enumerate(reads(merge)) if (source, place) in sources]
        assert joined.flatten().nonzero().flatten().tolist() == due


def test_the_merge_is_said_and_what_is_none_is_a_problem():
    panel = merge_toggle()
    panel.ask("What does adding save?")
    assert panel.answer["headline"].startswith("Added: 256 sums")
    assert panel.picture.alt == panel.answer["said"] and "11.1 MB" in panel.picture.alt
    panel.set(level=4)
    assert "no merge add at level 4" in panel.problem == panel.picture.alt
    panel.set(**panel.answer["offers"][0])
    assert panel.problem == "" and panel.answer["headline"].startswith("Added: 512 sums")
    offered = answer({"merge": "multiply", "level": -1})["offers"]
    assert offered == [{"merge": "concat", "level": 0}]
    panel.set(block=4, sum=-1.5)
    assert panel.problem == "a block is 0 to 3, and a weight −1 to 1"
    panel.set(**panel.answer["offers"][0])
    assert panel.problem == "" and (panel.settings["block"], panel.settings["sum"]) == (3, -1)
    panel.set(block=0.5)  # there is no half of a block
    assert panel.problem != "" and panel.answer["offers"][0]["block"] in (0, 1)


def test_a_bar_s_maps_are_channels_of_the_trained_network():
    """Those in which both vary most; with their ends, each value is known to a grey."""
    for level, pair in enumerate(meeting()):
        quarters = zip(*(map_.chunk(4) for map_ in pair), strict=True)
        for bar, both in enumerate(quarters):
            vary = [float(a.var() * b.var()) for a, b in zip(*both, strict=True)]
            for name, channels in zip(("skip", "below"), both, strict=True):
                due = channels[int(np.argmax(vary))].numpy()
                shown = given()["maps"][level][name][bar]
                assert np.array_equal(shown, grey_levels(due) // 16 * 17)
                low, high = given()["ends"][level][name][bar]
                assert (low, high) == pytest.approx((due.min(), due.max()), abs=1e-4)
                values = low + (high - low) * shown / 255.0
                assert np.abs(values - due).max() <= (high - low) / 15


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
def test_what_can_be_weighed_is_what_the_layer_lets_be_weighed(merge):
    """The rank of all that a 1 × 1 convolution can make of one channel of each map."""
    skip, below = torch.randn(2, 1, 1, 5, 5)
    joined = below if merge == "none" else layers.merge(skip, below, merge)
    made = torch.linalg.matrix_rank(joined.flatten(2)[0])
    found = answer({"merge": merge, "level": 1})["weights"]
    assert len(found) == made
    terms = {"skip": skip, "below": below, "sum": skip + below}
    both = torch.cat([joined, *(terms[name] for name in found)], dim=1).flatten(2)[0]
    assert torch.linalg.matrix_rank(both) == made  # the same maps, weighed one by one


def test_the_book_holds_all_that_a_hand_can_reach():
    held = {json.dumps(as_a_page(one), sort_keys=True) for one in merge_toggle().recorded()}
    assert len(held) == 4 * 4 * (11 * 11 + 11 + 11)
    reached = {**FIRST, "merge": "add", "level": 3, "block": 2, "sum": -0.6}
    assert json.dumps(reached, sort_keys=True) in held


def test_what_meets_is_measured_once():
    assert meeting() is meeting() and given() is given()


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
def test_each_bar_says_where_it_goes(merge):
    """The channels that are named are those in which a marked channel of the input arrives."""
    for level, channels in enumerate((64, 128, 256, 512)):
        found, size = answer({"merge": merge, "level": level}), channels // 4
        for place, said in enumerate(found["bars"]):
            arrives = {}
            for name in ("skip", "below"):
                maps = {other: torch.zeros(1, channels, 1, 1) for other in ("skip", "below")}
                maps[name][0, place * size : (place + 1) * size] = 1
                both = maps.values()
                out = maps["below"] if merge == "none" else layers.merge(*both, merge)
                at = (out.flatten().nonzero().flatten() + 1).tolist()
                arrives[name] = f"{at[0]} to {at[-1]}" if at else ""
            assert f"hannels {place * size + 1} to {(place + 1) * size} " in said
            assert arrives["skip"] in said and f"{arrives['below']}" in said
            assert (arrives["skip"] == "") == ("nowhere" in said) == (found["lost"] != "")
            assert (arrives["skip"] == arrives["below"]) == ("added" in said)
        kinds = {tuple(sorted({name for name, _i in sources})) for sources in found["reads"]}
        drawn = {"sum": ("below", "skip"), "skip": ("skip",), "below": ("below",)}
        assert {drawn[name] for name in found["weights"]} == kinds


def test_the_answers_agree_with_the_costs():
    panel = merge_toggle()
    told = {question: panel.answered(s)["because"] for question, s in panel.presets}
    told = {question: words.replace("\u00a0", " ") for question, words in told.items()}
    at = [answer({"merge": "concat", "level": n})["costs"] for n in range(4)]
    concat, add, none = (at[0][way] for way in ("concat", "add", "none"))
    saved = concat["network"] - add["network"]
    for text in (
        f"{saved:,} are saved ({100 * saved / concat['network']:.0f} %), and about "
        f"{concat['operations'] - add['operations']:.0f} of {concat['operations']:.1f} GFLOP",
        "Half of each", "stands out by 0.36, not 2.12",
    ):  # fmt: skip
        assert text in told["What does adding save?"]
    assert all(2 * all_["add"]["megabytes"] == all_["concat"]["megabytes"] for all_ in at)
    extra = [
        {name: all_["concat"][name] - all_["add"][name] for name in ("next", "megabytes")}
        for all_ in at
    ]
    assert max(extra, key=lambda cost: cost["next"]) is extra[3]
    assert max(extra, key=lambda cost: cost["megabytes"]) is extra[0]
    for text in (
        f"{extra[3]['next']:,}; level 0: {extra[0]['next']:,}", "39.3 MB; level 3: 6.4",
    ):  # fmt: skip
        assert text in told["Which level is the most expensive?"]
    assert {k: v for k, v in none.items() if k != "wrong"} == {
        k: v for k, v in add.items() if k != "wrong"
    }
    lost = told["And with no skip?"]
    assert "as many channels go on" in lost and add["joined"] == none["joined"]
    assert (
        f"only {none['wrong']:.1f} % of the pixels wrong, not {concat['wrong']:.1f} %" in lost
    )
    equal = told["What do you lose by adding?"]
    assert (
        f"{add['wrong']:.1f} % of the" in equal
        and f"concatenation {concat['wrong']:.1f} %" in equal
    )
    learned = {way: panel.answered({"merge": way, "level": 2})["learned"].replace("\u00a0", " ")
               for way in at[0]}  # fmt: skip
    for way in ("add", "none"):
        assert f"get {at[0][way]['wrong']:.1f} %" in learned[way]
        assert f"concatenate, {concat['wrong']:.1f} %" in learned[way]
    assert (
        "No difference was detected (95 % confidence interval −0.15 to +0.08" in learned["add"]
    )
    assert "+0.07 to +0.39 percentage points" in learned["none"] and not learned["concat"]
    assert "almost vanishes (0.36)" in equal and "Two weights reach 2.12" in equal
    assert "stands out by 0.98, with the skip by up to 2.12" in lost
    wall, inside = places(2)  # bright in the skip, dark from below
    brighter = []
    for name in ("skip", "below"):
        shown = given()["maps"][2][name][3]
        brighter.append(np.average(shown, weights=wall) > np.average(shown, weights=inside))
    assert brighter == [True, False] and "bright in the skip but dark from below" in equal


def because(**settings):
    return answer({**FIRST, **settings})["because"]


def test_the_wall_stands_out_as_another_way_to_count_says():
    """Whole pixels, and numpy's mean and deviation, at the top level, where no pixel is cut."""
    wall, inside = (part == 1 for part in places(0))
    assert wall.sum() == 392 and inside.sum() == 6140 and not (wall & inside).any()
    for block, weights in product(range(4), ((1, 1), (0.3, 1), (1, 0))):
        total = 0
        for weight, name in zip(weights, ("skip", "below"), strict=True):
            low, high = given()["ends"][0][name][block]
            total = total + weight * (
                low + (high - low) * given()["maps"][0][name][block] / 255.0
            )
        due = abs(total[wall].mean() - total[inside].mean()) / total[inside].std()
        assert clearness(0, block, *weights) == pytest.approx(due, rel=1e-9)
        assert clearness(0, block, *[weight / 2 for weight in weights]) == pytest.approx(due)


def test_the_clearest_is_the_largest_of_all_that_two_sliders_reach():
    """Over every recorded state: no bar goes beyond its mark, and one weight moves none."""
    full, tied, marks = {}, {}, {}
    for settings in merge_toggle().recorded():
        place = (settings["level"], settings["block"])
        found = answer(settings)
        assert 0 <= found["clear"] <= found["best"] <= 1
        marks.setdefault(place, set()).add(found["best"])
        now, best = re.findall(r"\d\.\d\d", found["told"])
        if settings["merge"] == "concat":
            full[place] = full.get(place, 0) + (now == best)
            if "Found" in found["because"]:
                assert now == best in found["because"]
        elif settings[found["weights"][0]]:
            tied.setdefault((settings["merge"], *place), set()).add(found["clear"])
    assert len(full) == 16 and min(full.values()) >= 1
    assert len(tied) == 32 and all(len(found) == 1 for found in tied.values())
    assert all(len(found) == 1 for found in marks.values()) and {1} in marks.values()
    assert clearest(1, 1)[1:] == (0.8, 0.2) and clearest(0, 3)[1:] == (-0.4, 1)


def test_what_is_subtracted_has_the_wall_the_other_way_round():
    """As an answer says: bright in one map and dark in the other, wherever it is said."""
    said = 0
    for level, block in product(range(4), range(4)):
        _most, *best = clearest(level, block)
        settings = {"level": level, "block": block, "skip": -best[0], "below": -best[1]}
        if "one map minus some of the other" not in because(**settings):
            continue
        said += 1
        assert min(best) < 0
        wall, inside = places(level)
        shown = [given()["maps"][level][name][block] for name in ("skip", "below")]
        bright = [
            np.average(map_, weights=wall) > np.average(map_, weights=inside) for map_ in shown
        ]
        assert bright[0] != bright[1]
    assert said == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "channels go on"),
        ({"merge": "add", "level": 1}, "channels go on"),  # the price: no weight was moved
        ({"level": 1, "block": 2}, "stands out by 0.96; other weights reach 1.21"),
        ({"below": 0.8}, "; other weights reach 2.12"),
        (
            {"level": 1, "block": 1, "skip": 0.8, "below": 0.2},
            "some of each. Each map alone shows the wall less (skip 2.11",
        ),
        (
            {"level": 2, "block": 3, "below": -0.2},
            "Added, or weighed 1 and 1, this wall almost",
        ),
        (
            {"level": 2, "block": 3, "skip": -1, "below": 0.2},
            "Found (2.12): one map minus some",
        ),
        (
            {"level": 0, "block": 2, "skip": -0.2},
            "Found (3.32): almost only the map from below",
        ),
        (
            {"level": 3, "block": 3, "below": 0},
            "Found (1.55): almost only the skip, which alone reaches 1.55",
        ),
        (
            {"level": 1, "block": 0, "skip": 0},
            "almost only the map from below, which alone reaches 2.37",
        ),
        ({"level": 3, "block": 0}, "Neither map shows the wall"),
        ({"skip": 0, "below": 0}, "Nothing is left"),
        ({"merge": "add", "sum": -0.2}, "0.36 at every weight but 0"),
        ({"merge": "add", "sum": 0}, "Nothing is left"),
        ({"merge": "none", "below": 0.4}, "0.98 at every weight but 0"),
        ({"merge": "none", "below": 0.4}, "With the skip, two weights reach 2.12"),
        ({"merge": "none", "level": 1, "block": 0}, "a skip can't raise that"),
        ({"merge": "none", "below": 0}, "Nothing is left"),
    ],
)
def test_weights_are_answered_with_the_wall(settings, said):
    assert said in because(**settings)


@pytest.mark.parametrize("merge", ["concat", "add", "none"])
def test_the_bars_of_all_levels_have_one_scale(merge):
    """So that memory is seen to fall and parameters to rise, and what concatenation costs."""
    table = answer({"merge": merge, "level": 2})["table"]
    for name in ("megabytes", "next"):
        costs = [answer({"merge": merge, "level": n})["costs"] for n in range(4)]
        largest = max(cost["concat"][name] for cost in costs)
        for row, cost in zip(table, costs, strict=True):
            assert row[name]["value"] == cost[merge][name]
            assert row[name]["part"] == cost["add"][name] / largest <= row[name]["most"]
            assert row[name]["most"] == cost["concat"][name] / largest
            assert float(row[name]["text"].replace(",", "")) == round(cost[merge][name], 1)


# ---------------------------------------------------------------------------------- exercises
def changed(place, merge="both"):
    """The parameters (0) or the numbers (1) tripled, of one merge or of both."""

    def answer(channels, n, k=3):
        found = {name: list(pair) for name, pair in costs(channels, n, k).items()}
        for name in found if merge == "both" else [merge]:
            found[name][place] *= 3
        return found

    return answer


def two_biases(channels, n, k=3):
    found = costs(channels, n, k)
    more, numbers = found["concat"]
    return found | {"concat": (more + channels, numbers)}


def next_to_it(base, depth):
    """The nearest on the other side, and in half of the cases only."""
    goal, best = parameters("concat", base, depth), matched(base, depth)
    other = best + 1 if parameters("add", best, depth) < goal else best - 1
    return other if base % 2 else best


KINDS_OF_MISTAKES = [
    ("06.tied", lambda w: tied(w)[:1], "one output"),
    ("06.tied", lambda w: tied(w).swapaxes(0, 1), "axes swapped"),
    ("06.tied", lambda w: torch.cat([w, w], 0), "other shape"),
    ("06.tied", lambda w: torch.cat([w, w.flip(-1) + 1], 1), "b is wrong"),
    ("06.tied", lambda w: torch.cat([w.flip(-1) + 1, w], 1), "a is wrong"),
    ("06.tied", lambda w: 2 * tied(w), "other sum"),
    ("06.costs", lambda *args: dict(zip(["add", "concat"], costs(*args).values(), strict=True)),
     "merges swapped"),
    ("06.costs", lambda *args: {name: pair[::-1] for name, pair in costs(*args).items()},
     "pairs swapped"),
    ("06.costs", two_biases, "biases"),
    ("06.costs", lambda channels, n, k=3: costs(channels, n), "3 for every k"),
    ("06.costs", changed(0, "concat"), "only the parameters"),
    ("06.costs", changed(1), "only the numbers"),
    ("06.matched", lambda base, depth: base * 1.07, "a fraction"),
    ("06.matched", next_to_it, "the other side"),
    ("06.matched", lambda base, depth: base - 1, "not larger"),
    ("06.matched", lambda base, depth: 2 * base + 1, "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "told"), KINDS_OF_MISTAKES)
def test_kinds_of_mistakes_are_told_by_what_they_do(name, answer, told):
    is_told(name, answer, told)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("06.tied", lambda weight: np.concatenate([weight, weight], 1)),
        ("06.costs", lambda *args: {k: np.array(v) for k, v in costs(*args).items()}),
        ("06.matched", lambda base, depth: float(matched(base, depth))),
    ],
)
def test_right_answers_in_other_forms_pass(name, answer):
    is_accepted(name, answer)


def test_a_state_that_no_question_asked_for_tells_its_own_price():
    for merge, level in (("concat", 0), ("add", 3), ("none", 1)):
        found = answer({"merge": merge, "level": level})
        costs, other = found["costs"], "add" if merge == "concat" else "concat"
        for text in (f"At level {level}, ", f"{costs[merge]['megabytes']:.1f} MB, not",
                     f"not {costs[other]['megabytes']:.1f}, and", f" {costs[merge]['next']:,} ",
                     f"not {costs[other]['next']:,}."):  # fmt: skip
            assert text in found["because"], (merge, level)
