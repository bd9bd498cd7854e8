"""A common mistake: the lecture's first network as it was printed flattens too early, and the loss says so.

There is one pooling, after the second convolution, so 16 channels of 16x16 pixels reach `view(-1, 16 * 8 * 8)`. That makes
four rows of every image, 40 of 10, and 40 rows cannot be compared with 10 labels. The program ends with PyTorch's message
and the reason; simple_cnn.py has the missing pooling.

Run:    python examples/simple_cnn_as_printed.py
"""
import numbacnn as torch
import numbacnn.nn as nn
import numbacnn.nn.functional as F


class SimpleCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(16 * 8 * 8, 2)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 8 * 8)
        x = self.fc1(x)
        return x


model = SimpleCNN()
print(model)

import numbacnn.optim as optim
X = torch.randn(10, 3, 32, 32)
y = torch.randint(0, 2, (10,))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.001)
for epoch in range(5):
    optimizer.zero_grad()
    outputs = model(X)
    loss = criterion(outputs, y)
    loss.backward()
    optimizer.step()
    print(f"Epoch {epoch+1} | Loss: {loss.item():.4f}")
