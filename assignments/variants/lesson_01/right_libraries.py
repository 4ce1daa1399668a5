import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from gan_lessons import games
from gan_lessons.distributions import Mixture, Normal
from gan_lessons.theory import optimal_discriminator


def equilibrium(payments):
    solved = games.solve_zero_sum(payments)
    return solved.rows[0], solved.value


def extragradient_step(x, y, eta, c):
    place = torch.tensor([x, y], dtype=torch.float64)

    def downhill(at):
        at = at.clone().requires_grad_()
        f = at[0] * at[1] + c / 2 * at[0] ** 2 - c / 2 * at[1] ** 2
        f.backward()
        return at.grad * torch.tensor([-1.0, 1.0], dtype=torch.float64)

    ahead = place + eta * downhill(place)
    return place + eta * downhill(ahead)


def collapsed_d(x, m, s):
    real = Mixture((Normal(-m, s), Normal(m, s)), (0.5, 0.5))
    return optimal_discriminator(real, Normal(m, s), x)


def estimated_value(real_logits, fake_logits):
    real, fake = torch.as_tensor(real_logits), torch.as_tensor(fake_logits)
    loss = binary_cross_entropy_with_logits(real, torch.ones_like(real))
    return -(loss + binary_cross_entropy_with_logits(fake, torch.zeros_like(fake)))


def slopes_in_x(x, w, b):
    slopes = []
    for loss in (lambda a: logsigmoid(-a), lambda a: -logsigmoid(a)):
        fakes = torch.tensor(x, requires_grad=True)
        loss(w * fakes + b).sum().backward()
        slopes.append(fakes.grad)
    return slopes
