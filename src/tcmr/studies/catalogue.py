"""All studies: what is asked, and which rows answer it."""

from typing import Literal

from tcmr.evaluate.methods import PER_FRAME, RUN, filtered_name, run_name
from tcmr.model.ablation import Ablation
from tcmr.model.tcmr import WHOLE_CLIP
from tcmr.smooth.motion import FILTERS
from tcmr.studies.backbone_input import BackboneInput
from tcmr.studies.measures import (
    AtRate,
    AttentionWhere,
    Filtered,
    Part,
    PerFrame,
    Recurrence,
    ShippedAttention,
    Trained,
    Transfer,
)
from tcmr.studies.recipe import Recipe
from tcmr.studies.sources import FRAMES, Mixed, Rendered, Simulated
from tcmr.studies.study import Column, Row, Study

MPJPE = Column("mpjpe_mm", "MPJPE mm")
PA = Column("pa_mpjpe_mm", "PA-MPJPE mm", drawn=True)
ACCEL = Column("acceleration_error_mm", "Accel mm/frame²", drawn=True)
ACCEL_SI = Column("acceleration_error_si", "Accel m/s²", drawn=True)
SPEED = Column("speed_kept", "speed kept", ".2f")
FOLLOWED = Column("velocity_followed", "velocity followed", ".2f", drawn=True)
ACCURACY = (MPJPE, PA, ACCEL, SPEED, FOLLOWED)
INFLUENCE = tuple(
    Column(f"influence_{part}", f"influence of {part} %", ".0f", drawn=part == "present")
    for part in ("past", "present", "future")
)


def paper(pa: float | None = None, accel: float | None = None) -> dict[str, float]:
    """Return published figures under the names of ours."""
    figures = {"pa_mpjpe_mm": pa, "acceleration_error_mm": accel}
    return {name: value for name, value in figures.items() if value is not None}


def ablated(ablation: Ablation) -> Trained:
    """Measure TCMR with a part of it undone, and what share past, present and future have in it."""
    return Trained(Recipe(ablation), influence=True)


RESIDUAL = Study(
    "residual",
    "Does a residual connection from the target's static feature spoil smoothness, and does PoseForecast help?",
    (
        Row("each frame by itself", PerFrame(), random=False),
        Row("residual, G_all only", ablated(Ablation(residual=True, forecast=False)), paper(55.6, 29.2)),
        Row("residual, PoseForecast", ablated(Ablation(residual=True)), paper(55.0, 24.9)),
        Row("no residual, G_all only", ablated(Ablation(forecast=False)), paper(54.2, 8.7)),
        Row("no residual, PoseForecast (TCMR)", ablated(Ablation()), paper(53.9, 7.7)),
    ),
    (*ACCURACY, *INFLUENCE),
)

LONGER = Study(
    "longer",
    "Does what the study of the residual connection shows stay when all learn three times as long?",
    (
        Row("no residual, PoseForecast (TCMR)", Trained(Recipe(steps=3.0), influence=True)),
        Row(
            "residual, G_all only",
            Trained(Recipe(Ablation(residual=True, forecast=False), steps=3.0), influence=True),
        ),
        Row("no residual, G_all only", Trained(Recipe(Ablation(forecast=False), steps=3.0), influence=True)),
        Row("residual, PoseForecast", Trained(Recipe(Ablation(residual=True), steps=3.0), influence=True)),
    ),
    (*ACCURACY, *INFLUENCE),
    seeds=1,
)

TARGET = Study(
    "target",
    "Should PoseForecast see the target frame?",
    (
        Row("PoseForecast sees the target", ablated(Ablation(forecast_sees_target=True)), paper(accel=10.3)),
        Row("it does not (TCMR)", ablated(Ablation()), paper(53.9, 7.7)),
    ),
    (*ACCURACY, *INFLUENCE),
)

BIDIRECTIONAL = Study(
    "bidirectional",
    "Past and future already cover time: what is the bidirectional branch for?",
    (
        Row("past and future only", ablated(Ablation(bidirectional=False))),
        Row(
            "past and future only, both see the target",
            ablated(Ablation(bidirectional=False, forecast_sees_target=True)),
        ),
        Row("bidirectional only", ablated(Ablation(forecast=False)), paper(54.2, 8.7)),
        Row("all three (TCMR)", ablated(Ablation()), paper(53.9, 7.7)),
    ),
    (*ACCURACY, *INFLUENCE),
)

INTEGRATION = Study(
    "integration",
    "Are the three branches better joined by attention, by their mean, or by a linear layer on all of them?",
    (
        Row("mean", Trained(Recipe(Ablation(integration="mean")))),
        Row("concatenation", Trained(Recipe(Ablation(integration="concatenation")))),
        Row("attention (TCMR)", ablated(Ablation())),
    ),
    ACCURACY,
)

PARTS: dict[str, Part] = {
    "all frames": "all",
    "slowest third": "slow",
    "middle third": "medium",
    "fastest third": "fast",
    "third with the best landmarks": "sure landmarks",
    "third with the worst landmarks": "unsure landmarks",
}

ATTENTION = Study(
    "attention",
    "Which branch gets the attention, and does it depend on the motion or on how good the landmarks are?",
    (
        *(Row(name, AttentionWhere(Recipe(), part)) for name, part in PARTS.items()),
        Row("all frames, residual connection", AttentionWhere(Recipe(Ablation(residual=True)), "all")),
        *(
            Row(f"shipped weights: {name}", ShippedAttention(part), random=False)
            for name, part in PARTS.items()
        ),
    ),
    (
        *(Column(f"attention_{part}", part, ".3f", drawn=True) for part in ("past", "present", "future")),
        Column("attention_spread", "spread over frames", ".3f"),
    ),
)

SMOOTHS = ("none", *FILTERS)
# What the study calls a method -> what a report does.
FILTER_METHODS = {
    filtered_name(PER_FRAME, smooth): filtered_name(PER_FRAME, smooth) for smooth in SMOOTHS
} | {filtered_name(RUN, smooth): run_name(smooth) for smooth in SMOOTHS}

PLACES: dict[str, Literal["rendered", "beam"]] = {"rendered": "rendered", "real": "beam"}

FILTERS_STUDY = Study(
    "filters",
    "What does a post-filter give and cost, on the weights that are shipped?",
    tuple(
        Row(f"{place}: {name}", Filtered(data, method), random=False, remembered=False)
        for place, data in PLACES.items()
        for name, method in FILTER_METHODS.items()
    ),
    (
        MPJPE,
        PA,
        ACCEL,
        ACCEL_SI,
        SPEED,
        Column("acceleration_kept", "acceleration kept", ".2f"),
        FOLLOWED,
        Column("off_person_percent", "off the person % of height"),
    ),
)

FPS = Study(
    "fps",
    "Does a model trained at one frame rate hold at another, and is a higher rate better?",
    tuple(
        Row(f"trained at {trained}, tested at {tested} fps", AtRate(trained, tested))
        for trained, tested in ((15, 15), (30, 15), (30, 30), (30, 60), (60, 60))
    ),
    (MPJPE, PA, ACCEL_SI, SPEED, FOLLOWED),
)

WINDOW = Study(
    "window",
    "How long must the window be?",
    tuple(
        Row(f"{frames} frames" + (" (TCMR)" if frames == 16 else ""), Trained(Recipe(window=frames)))
        for frames in (4, 8, 16, 32)
    ),
    ACCURACY,
)

INPUT = Study(
    "input",
    "What should the backbone look at: BlazePose's landmarks, its pooled feature, or both?",
    (
        Row("landmarks", BackboneInput("landmarks")),
        Row("pooled feature (1152)", BackboneInput("pooled feature")),
        Row("both", BackboneInput("both")),
    ),
    (
        Column("frame_mpjpe_mm", "MPJPE mm, by frame"),
        Column("frame_pa_mpjpe_mm", "PA-MPJPE mm, by frame", drawn=True),
        Column("frame_facing_away_percent", "facing away %, by frame"),
        *ACCURACY,
        Column("facing_away_percent", "facing away %"),
    ),
)

WHOLE = Recipe(window=WHOLE_CLIP, frames=FRAMES)
# Its steps take 2.2 times as long as those of windows: found by timing, see the table's processor seconds.
WHOLE_IN_EQUAL_TIME = Recipe(window=WHOLE_CLIP, frames=FRAMES, targets=16, steps=0.45)

RECURRENCE = Study(
    "recurrence",
    "Is one recurrence over the whole clip, at a sixteenth of the work a frame, as good as TCMR's windows?",
    (
        Row("windows of 16 (TCMR)", Recurrence(Recipe())),
        Row("whole clip, as many steps and targets", Recurrence(WHOLE)),
        Row("whole clip, as much training time", Recurrence(WHOLE_IN_EQUAL_TIME)),
    ),
    (
        *ACCURACY,
        Column("training_s", "training, processor s", ".0f"),
        Column("frames_per_s", "frames/s", ".0f"),
    ),
)

SCENES = Study(
    "scenes",
    "Which synthetic clips teach what holds on real video?",
    (
        Row("rendered", Transfer(Recipe(source=Rendered()))),
        Row("simulated", Transfer(Recipe(source=Simulated()))),
        Row("simulated, no front-back confusion", Transfer(Recipe(source=Simulated(flip_chance=0.0)))),
        Row(
            "simulated, no landmark errors", Transfer(Recipe(source=Simulated(errors=False, flip_chance=0.0)))
        ),
        Row("half rendered, half simulated", Transfer(Recipe(source=Mixed()))),
    ),
    (
        *ACCURACY,
        Column("real_mpjpe_mm", "real: MPJPE mm"),
        Column("real_pa_mpjpe_mm", "real: PA-MPJPE mm", drawn=True),
        Column("real_acceleration_error_mm", "real: Accel mm/frame²", drawn=True),
        Column("real_speed_kept", "real: speed kept", ".2f"),
        Column("real_velocity_followed", "real: velocity followed", ".2f"),
    ),
    seeds=2,
)

STUDIES = {
    study.name: study
    for study in (
        RESIDUAL,
        LONGER,
        TARGET,
        BIDIRECTIONAL,
        INTEGRATION,
        ATTENTION,
        RECURRENCE,
        WINDOW,
        SCENES,
        FPS,
        INPUT,
        FILTERS_STUDY,
    )
}
