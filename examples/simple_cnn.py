"""A lecture's first network, written for PyTorch: nothing but the import lines differ.

Ten random images of two classes are memorized; five steps show the loss falling. The pooling comes after each
convolution, so 32x32 pixels become 8x8; simple_cnn_as_printed.py is the same program with one pooling, which refuses.

Run:    python examples/simple_cnn.py
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
        x = self.pool(F.relu(self.conv1(x)))  # 32x32 becomes 16x16
        x = self.pool(F.relu(self.conv2(x)))  # and then 8x8
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
