# 7.quiz gets less: another wording of the question (1)
answers = json.loads(text())
answers["what-d-says"]["mark"] = "0123456789ab"
quiz = json.dumps(answers)
