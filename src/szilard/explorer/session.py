"""One open page: its controls, its figures, and the thread that computes for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

from bokeh.document import Document
from bokeh.models import InlineStyleSheet
from bokeh.models.layouts import Row
from bokeh.models.widgets.markups import Div
from tornado.ioloop import IOLoop

from ..errors import InputError
from ..estimate import Estimate
from ..study.work import summary
from .choice import Choice
from .closed_forms import Exact, exact_curves
from .controls import Controls, Player
from .figures import BudgetFigure, FlowFigure, WeightFigure
from .frames import FRAMES, Scene, SupersededError
from .live_source import Source, as_python
from .page_words import budget_table, efficiency_text, law_text, state_text, stored_beside_live
from .replica_stages import improving
from .stored import StoredStudy
from .study_view import StudyView
from .superseding import Latest, Stale

APART = 0.3
"""Seconds between pictures of one scene whose budgets come one by one."""
PACE = 130
"""Milliseconds from frame to frame."""
CHOOSE = "<p>Choose a run, in the figure or in the table. It is trained again, with other noise, and compared.</p>"
LEFT = "<p>The controls have left the chosen run.</p>"
Order = tuple[Source, Choice, int | None]


class Session:
    """The models of one document, all of them changed by the server's thread only."""

    def __init__(self, document: Document, style: str, dark: bool, study: StoredStudy | None) -> None:
        self.document = document
        self.context: Any = document.session_context
        self.loop = IOLoop.current()
        self.study = study
        self.scene: Scene | None = None
        self.known: Exact | None = None
        self.source = Source()
        self.run_number: int | None = None
        sheet = InlineStyleSheet(css=style)
        self.controls = Controls(sheet, self.asked)
        self.player = Player(sheet, FRAMES, self.moved)
        self.weight, self.flow, self.budget = WeightFigure(dark), FlowFigure(dark), BudgetFigure(dark)
        self.texts = {
            name: Div(name=name, stylesheets=[sheet], sizing_mode="stretch_width", disable_math=True)
            for name in ("state", "numbers", "law", "python", "compared")
        }
        self.texts["compared"].text = "" if study is None else CHOOSE
        self.view = None if study is None else StudyView(study, sheet, dark, self.tapped)
        self.latest: Latest[Order] = Latest(self._compute)
        for name, figure in (("weights", self.weight), ("flow", self.flow), ("budget", self.budget)):
            figure.plot.name = name
            document.add_root(figure.plot)
        player = Row(children=[self.player.button, self.player.slider], name="player", sizing_mode="stretch_width")
        for root in (self.controls.root, player, *self.texts.values(), *(() if self.view is None else self.view.roots)):
            document.add_root(root)
        document.add_periodic_callback(self.player.step, PACE)
        document.on_session_destroyed(lambda context: self.close())
        self.asked()

    def close(self) -> None:
        """Nobody looks any more."""
        self.latest.close()

    def asked(self) -> None:
        """A control was moved: answer at once that it was heard, and compute."""
        try:
            choice = self.controls.choice()
        except InputError as error:
            self.latest.drop()
            self._refused(str(error))
            return
        self.texts["state"].text = "computing"
        self.latest.ask((self.source, choice, self.run_number))

    def tapped(self, number: int | None) -> None:
        """A run of the study was chosen, or none any more: the controls go there."""
        if self.study is None:
            return
        try:
            if number is None:
                self.source, self.run_number = Source(), None
                self.texts["compared"].text = CHOOSE
                self.controls.set(Choice(), inputs_free=True)
            else:
                choice = self.study.choice(number)
                self.source, self.run_number = self.study.source(number), number
                self.texts["compared"].text = "<p>Being trained.</p>"
                self.controls.set(choice, inputs_free=self.source.drawn)
        except InputError as error:
            self.latest.drop()
            self.run_number = None
            self.texts["compared"].text = "<p>This run is not trained here.</p>"
            self._refused(str(error))
            return
        self.asked()

    def moved(self) -> None:
        """Another frame is to be shown."""
        if self.scene is None:
            return
        index = self.player.index(len(self.scene.frames))
        self.weight.show(self.scene, index)
        self.flow.show(self.scene, index)
        self.budget.show(self.scene, index)
        self.texts["numbers"].text = budget_table(self.scene, index, self.known)
        end = self.scene.times[-1]
        self.player.slider.title = f"Time {self.scene.times[index]:.3g} of {end:.3g}"

    def _compute(self, order: Order, stale: Stale) -> None:
        """In the other thread: picture after picture, each handed to the server's thread."""
        source, choice, number = order
        known: dict[int, Exact | None] = {}
        last = 0.0
        try:
            for scene, seconds, busy in improving(source, choice, stale):
                if known and not scene.whole and seconds - last < APART:
                    continue
                last, replicas = seconds, scene.settings.replicas
                if replicas not in known:
                    known[replicas] = exact_curves(scene.settings, scene.times)
                live = summary(scene.final).estimates if number is not None and scene.whole else None
                self._later(partial(self._picture, order, scene, known[replicas], seconds, busy, live), stale)
        except SupersededError:
            raise
        except Exception as error:  # whatever it is, the page says so and lives on
            told = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            self._later(partial(self._refused, told), stale)

    def _later(self, change: Callable[[], None], stale: Stale) -> None:
        """Let the server's thread change the document, unless nobody waits for it or the page is gone."""

        def heard() -> None:
            if not stale() and not self.context.destroyed:
                self.document.add_next_tick_callback(lambda: None if stale() else change())

        self.loop.add_callback(heard)

    def _picture(
        self, order: Order, scene: Scene, known: Exact | None, seconds: float, busy: bool,
        live: Mapping[str, Estimate] | None,
    ) -> None:  # fmt: skip
        source, choice, number = order
        whole = len(scene.frames) - 1
        at_end = self.scene is None or self.player.slider.value >= self.player.slider.end
        self.scene, self.known = scene, known
        if self.player.slider.end != whole:
            self.player.slider.end = whole
        if at_end and not self.player.playing:
            self.player.slider.value = whole
        self.flow.draw(scene, known)
        self.budget.draw(scene, known)
        self.moved()
        self.texts["law"].text = efficiency_text(scene, known) + law_text(scene.law, scene.final)
        self.texts["state"].text = state_text(scene, seconds, busy)
        repeats = source == Source()
        self.texts["python"].text = f"<pre>{escape(as_python(choice, scene.settings))}</pre>" if repeats else ""
        if self.study is not None and number is not None:
            stays = choice == self.study.choice(number)
            if live is not None and stays:
                self.texts["compared"].text = stored_beside_live(self.study.estimates(number), live)
            elif not stays:
                self.texts["compared"].text = LEFT

    def _refused(self, reason: str) -> None:
        self.texts[
            "state"
        ].text = f'<span class="refused">Not possible. {escape(reason)} Shown is the run before.</span>'


def opened(document: Document, style: str, study: StoredStudy | None) -> Session:
    """Fill a new document; which look it has stands in its address."""
    context: Any = document.session_context
    looks = [] if context is None else context.request.arguments.get("look", [])
    return Session(document, style, looks == [b"dark"], study)
