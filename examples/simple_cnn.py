"""A first network, written as for PyTorch: only the import lines differ.

Ten random images are learned by heart; five steps show the loss falling.
"""
import numbacnn
import numbacnn.nn as nn
import numbacnn.nn.functional as F
import numbacnn.optim as optim


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
        return self.fc1(x)


numbacnn.manual_seed(0)
model = SimpleCNN()
print(model)

X = numbacnn.randn(10, 3, 32, 32)
y = numbacnn.randint(0, 2, (10,))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.001)
for epoch in range(5):
    optimizer.zero_grad()
    outputs = model(X)
    loss = criterion(outputs, y)
    loss.backward()
    optimizer.step()
    print(f"Epoch {epoch+1} | Loss: {loss.item():.4f}")
