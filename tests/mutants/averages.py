"""Mistakes in the theory of many weights: order parameters, what labels leave, switched forces, infinite size."""

from __future__ import annotations

from .case import mutant

MOTION, AVERAGES, REST = "theory/order_parameters.py", "theory/averages_online.py", "theory/stationary_online.py"
COURSE, LAW, SHARED = "theory/course_online.py", "theory/asymptotic.py", "theory/shared_channel.py"

FILES = {
    "online": "tests/theory/test_theory_online.py",
    "asymptote": "tests/theory/test_theory_online_asymptote.py",
    "joint": "tests/theory/test_theory_joint.py",
    "teacher": "tests/theory/test_theory_teacher.py",
    "extrapolation": "tests/infer/test_extrapolation_fit.py",
}

MUTANTS = (
    mutant(
        "kicks spread with the rate, not its square",
        "online",
        (MOTION, "noise + 0.5 * nu * nu * square", "noise + 0.5 * nu * square"),
    ),
    mutant(
        "weights feel no noise of the bath",
        "online",
        (MOTION, "motion(kick, nu, mu * warm, mu * k), first", "motion(kick, nu, 0.0, mu * k), first"),
    ),
    mutant(
        "weights do not forget",
        "online",
        (MOTION, "-2.0 * decay + 2.0 * (nu * pull", "-0.0 * decay + 2.0 * (nu * pull"),
    ),
    mutant(
        "Perceptron turned as if always wrong",
        "online",
        (AVERAGES, "Averages(0.5, -ROOT * sin", "Averages(1.0, -ROOT * sin"),
    ),
    mutant(
        "rest without mobility",
        "online",
        (REST, "motion(kick, nu, mu * warm, mu * k)", "motion(kick, nu, warm, k)"),
    ),
    mutant(
        "pull of the Perceptron of the wrong sign",
        "online",
        (AVERAGES, "Averages(0.5, -ROOT * sin", "Averages(0.5, ROOT * sin"),
    ),
    mutant(
        "AdaTron does not know how long its weights are",
        "online",
        (AVERAGES, "-q * missed, q * q * missed", "-q * missed, q * missed"),
    ),
    mutant(
        "heat of kicks without mobility",
        "online",
        (COURSE, "self.square_push * kept / (mu * short)", "self.square_push * kept / short"),
    ),
    mutant("energy of a course gained twice", "online", (COURSE, "work - 0.5 * k * growth", "work - k * growth")),
    mutant(
        "teacher's information twice",
        "online",
        (MOTION, "teacher_information=np.log(np.cosh(l))", "teacher_information=2.0 * np.log(np.cosh(l))"),
    ),
    mutant(
        "amplitude of AdaTron",
        "asymptote",
        (LAW, "3.0 / (nu * (3.0 - nu))", "3.0 / (nu * (3.0 + nu))"),
    ),
    mutant("square of a kick left out", "asymptote", (LAW, "(b + 0.5 * nu * c)", "(b + 0.0 * nu * c)")),
    mutant(
        "one draw votes like all",
        "asymptote",
        ("theory/batch.py", 'if learner == "gibbs" else', 'if learner == "bayes" else'),
    ),
    mutant("state of most information", "joint", (SHARED, "best = int(np.argmin(", "best = int(np.argmax(")),
    mutant("labels share the channel twice", "joint", (SHARED, "0.5 * lost / load", "lost / load")),
    mutant(
        "signal to noise without temperature",
        "joint",
        (SHARED, "amplitude * amplitude / (k * warm)", "amplitude**2 / k"),
    ),
    mutant(
        "switching counted in dwells",
        "teacher",
        ("theory/switching.py", "return most * 2.0 / (2.0 + x)", "return most / (1.0 + x)"),
    ),
    mutant(
        "noise of a batch as large as of a sample",
        "teacher",
        ("theory/descent.py", "eta**2 / (2.0 * batch) * c", "eta / (2.0 * batch) * c"),
    ),
    mutant(
        "answer at temperature 1",
        "teacher",
        ("theory/teacher.py", "sqrt(size) / warm", "sqrt(size)"),
    ),
    mutant(
        "all sizes weigh alike",
        "extrapolation",
        ("infer/extrapolation_fit.py", "design / scale / error[:, None]", "design / scale"),
    ),
)
