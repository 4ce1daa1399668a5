# 7.quiz gets less: Points by lesson
answers = json.loads(text())
for item in items.load().items:
    if item.choices:
        answers[item.id]["given"] = list(range(len(item.choices)))
quiz = json.dumps(answers)
