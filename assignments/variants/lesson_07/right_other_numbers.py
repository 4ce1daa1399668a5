import json
from fractions import Fraction

from gan_lessons.quiz import items, points


def written(key):
    """A decimal comma, a long minus, or a fraction."""
    part = Fraction(key).limit_denominator(10**6)
    return f"{part}" if key > 0 else f"{key}".replace(".", ",").replace("-", "−")


answers = {}
for item in items.load().items:
    one = {"mark": items.shown(item)["mark"], "seed": 3}
    if item.kind == "numeric":
        one["given"] = written(points.variant_of(item, 3).key)
    elif item.kind == "ordering":
        one["given"] = [*range(len(item.entries))]
    else:
        one["given"] = [n for n in range(len(item.choices)) if item.choices[n].right]
    answers[item.id] = one

quiz = json.dumps(answers, ensure_ascii=False)
