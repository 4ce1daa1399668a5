import json

from gan_lessons.quiz import items, points

# Each lesson was begun anew, some more often than others.
answers = {}
for item in reversed(items.load().items):
    seed = 7 + item.lesson % 3
    if item.choices:
        given = [at for at, choice in enumerate(item.choices) if choice.right][::-1]
    elif item.entries:
        given = sorted(range(len(item.entries)))
    else:
        given = repr(points.variant_of(item, seed).key)
    answers[item.id] = {"seed": seed, "given": given, "mark": items.shown(item)["mark"]}

quiz = "\n" + json.dumps(answers, indent=2) + "\n"
