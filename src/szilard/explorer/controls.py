"""The widgets that a person moves, and the choice that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from bokeh.models import InlineStyleSheet
from bokeh.models.layouts import Column
from bokeh.models.widgets.buttons import Button
from bokeh.models.widgets.inputs import Select
from bokeh.models.widgets.sliders import Slider

from .choice import LIMITS, READOUTS, RULES, Choice, Limits, chosen, limits_for

TITLES = {
    "learning_rate": "Learning rate",
    "inputs": "Inputs N",
    "patterns": "Patterns P",
    "ramp": "Ramp time, 0 is at once",
    "duration": "Duration",
    "temperature": "Temperature",
    "feedback": "Feedback of answers",
    "seed": "Seed",
}
FORMATS = {name: "0" if limit.whole else "0.0[00000]" for name, limit in LIMITS.items()}


class Controls:
    """Sliders and lists; ``changed()`` is called when a person has moved one."""

    def __init__(self, style: InlineStyleSheet, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._quiet = False
        self.limits: Mapping[str, Limits] = LIMITS
        self.rules: tuple[str, ...] = RULES
        start = Choice()
        common: dict[str, Any] = {"stylesheets": [style], "sizing_mode": "stretch_width"}
        offered: list[str | tuple[Any, str]] = [*RULES]
        readouts: list[str | tuple[Any, str]] = [*READOUTS]
        self.rule = Select(title="Rule", options=offered, value=start.rule, name="rule", **common)
        self.readout = Select(title="Readout", options=readouts, value=start.readout, name="readout", **common)
        self.sliders = {
            name: Slider(
                title=title, value=getattr(start, name), name=name, format=FORMATS[name],
                start=LIMITS[name].low, end=LIMITS[name].high, step=LIMITS[name].step, **common,
            )
            for name, title in TITLES.items()
        }  # fmt: skip
        for widget in self.widgets.values():
            widget.on_change("value", self._moved)
        self.root = Column(children=list(self.widgets.values()), name="controls", sizing_mode="stretch_width")

    @property
    def widgets(self) -> dict[str, Any]:
        """By the name of what they set."""
        return {"rule": self.rule, **self.sliders, "readout": self.readout}

    def choice(self) -> Choice:
        """What they stand at; raises InputError for what no person could have set."""
        return chosen({name: widget.value for name, widget in self.widgets.items()}, self.limits, self.rules)

    def set(self, choice: Choice, inputs_free: bool) -> None:
        """Move all of them, widening their ranges where it takes that, without calling anybody."""
        self._quiet = True
        self.limits = limits_for(choice)
        self.rules = RULES if choice.rule in RULES else (*RULES, choice.rule)
        self.rule.options = [*self.rules]
        for name, slider in self.sliders.items():
            slider.start, slider.end = self.limits[name].low, self.limits[name].high
        for name, widget in self.widgets.items():
            widget.value = getattr(choice, name)
        self.sliders["inputs"].disabled = not inputs_free
        self._quiet = False

    def _moved(self, attribute: str, old: Any, new: Any) -> None:
        if not self._quiet:
            self._changed()


class Player:
    """A button and the time of the run: the number of the frame that is shown."""

    def __init__(self, style: InlineStyleSheet, frames: int, moved: Callable[[], None]) -> None:
        self.button = Button(label="Play", name="play", stylesheets=[style], width=90)
        self.slider = Slider(
            title="Time", value=frames, start=0, end=frames, step=1, show_value=False, name="time",
            stylesheets=[style], sizing_mode="stretch_width",
        )  # fmt: skip
        self.playing = False
        self._moved = moved
        self.slider.on_change("value", lambda attr, old, new: moved())
        self.button.on_click(self.toggle)

    def index(self, frames: int) -> int:
        """The frame that is shown, of so many; whatever the page sends."""
        value = self.slider.value
        if not (isinstance(value, int | float) and isfinite(value)):
            return frames - 1
        return min(max(int(value), 0), frames - 1)

    def toggle(self) -> None:
        """Start, from the beginning where the end is shown; or stop."""
        self.playing = not self.playing
        self.button.label = "Pause" if self.playing else "Play"
        if self.playing and self.slider.value >= self.slider.end:
            self.slider.value = 0

    def step(self) -> None:
        """One frame on; at the end it stops."""
        if not self.playing:
            return
        if self.slider.value >= self.slider.end:
            self.toggle()
        else:
            self.slider.value = int(self.slider.value) + 1
