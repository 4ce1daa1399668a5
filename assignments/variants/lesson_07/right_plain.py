import json

from gan_lessons.quiz import items, points


def text(seed=0, asked=None):
    answers = {}
    for item in items.load().items if asked is None else asked:
        given = [at for at, choice in enumerate(item.choices) if choice.right]
        if item.entries:
            given = list(range(len(item.entries)))
        if item.variants:
            given = str(points.variant_of(item, seed).key)
        answers[item.id] = {"mark": items.shown(item)["mark"], "seed": seed, "given": given}
    return json.dumps(answers)


quiz = text()
