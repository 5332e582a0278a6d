"""A dynamics model and a reward model of a pendulum, trained on n transitions in PyTorch."""
import torch

import transitions

UPDATES, MINIBATCH, WIDTH = 2000, 128, 64

options = transitions.options()
torch.manual_seed(options.seed)
torch.use_deterministic_algorithms(True)
data = transitions.load(options.file, options.n, options.seed)


def train(x, y, begin):
    """A network of one hidden layer, Adam on minibatches."""
    model = torch.nn.Sequential(torch.nn.Linear(x.shape[1], WIDTH), torch.nn.Tanh(),
                                torch.nn.Linear(WIDTH, y.shape[1]))
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(UPDATES):
        rows = torch.randint(len(x), (MINIBATCH,))
        loss = torch.nn.functional.mse_loss(model(x[rows]), y[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 200 == 0:
            transitions.progress(begin + step / UPDATES / 2)

    def predict(inputs):
        with torch.no_grad():
            return model(torch.tensor(inputs, dtype=torch.float32)).numpy()

    return predict


inputs, change, reward = (torch.tensor(values, dtype=torch.float32) for values in data["train"])
transitions.finish(train(inputs, change, 0.0), train(inputs, reward, 0.5), data)
