# 5.train gets 0: D does not learn
def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    for _ in range(rounds):
        fake, real = G(torch.randn(64, 1)), draw(64)
        loss = (fake.mean() - real.mean()) ** 2 + (fake.std() - real.std()) ** 2
        adam_G.zero_grad()
        loss.backward()
        adam_G.step()
