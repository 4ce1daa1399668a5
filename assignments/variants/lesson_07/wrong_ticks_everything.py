# loses: 7.quiz
answers = json.loads(text())
for item in items.load().items:
    if item.choices:
        answers[item.id]["given"] = list(range(len(item.choices)))
quiz = json.dumps(answers)
