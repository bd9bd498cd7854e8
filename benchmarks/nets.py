"""The networks of `networks.py`, one text for both libraries: `nn`, `F` and `cat` are numbacnn's or PyTorch's."""


def simple_cnn(nn, F, cat):
    """The lecture's network, 3x32x32: two convolutions, a pooling after each, one dense layer."""
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2),
                         nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2),
                         nn.Flatten(), nn.Linear(16 * 8 * 8, 2))


def resnet20(nn, F, cat):
    """He et al. 2016, section 4.2, with 1x1 convolutions in the shortcuts that change the shape."""
    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.shortcut = nn.Identity() if inputs == outputs else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            return F.relu(out + self.shortcut(x))

    blocks = [Block(inputs, outputs, stride) for first, outputs, stride in ((16, 16, 1), (16, 32, 2), (32, 64, 2))
              for inputs, stride in ((first, stride), (outputs, 1), (outputs, 1))]
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def vgg11(nn, F, cat):
    """Simonyan and Zisserman 2015, column A, for 32x32 images: one dense layer behind the convolutions."""
    layers, inputs = [], 3
    for outputs in (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"):
        if outputs == "pool":
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            inputs = outputs
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


def text_cnn(nn, F, cat):
    """Kim 2014: filters over 3, 4 and 5 tokens, the largest answer of each over the text, dropout, a dense layer."""
    class TextCNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(1000, 64)
            self.convs = nn.ModuleList([nn.Conv1d(64, 64, width) for width in (3, 4, 5)])
            self.dropout = nn.Dropout(0.5)
            self.fc = nn.Linear(3 * 64, 2)

        def forward(self, x):
            x = self.embedding(x).transpose(1, 2)
            x = cat([F.adaptive_max_pool1d(F.relu(conv(x)), 1).flatten(1) for conv in self.convs], 1)
            return self.fc(self.dropout(x))

    return TextCNN()


def tcn(nn, F, cat):
    """Bai, Kolter and Koltun 2018: causal convolutions, dilated by 1, 2, 4, 8, with residuals; 1x128 series."""
    class Block(nn.Module):
        def __init__(self, inputs, outputs, dilation):
            super().__init__()
            self.past = 2 * dilation
            self.conv1 = nn.Conv1d(inputs, outputs, 3, dilation=dilation)
            self.conv2 = nn.Conv1d(outputs, outputs, 3, dilation=dilation)
            self.shortcut = nn.Identity() if inputs == outputs else nn.Conv1d(inputs, outputs, 1)

        def forward(self, x):
            out = F.relu(self.conv1(F.pad(x, (self.past, 0))))
            out = F.relu(self.conv2(F.pad(out, (self.past, 0))))
            return F.relu(out + self.shortcut(x))

    return nn.Sequential(Block(1, 32, 1), Block(32, 32, 2), Block(32, 32, 4), Block(32, 32, 8),
                         nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, 4))


def conv3d(nn, F, cat):
    """After Tran et al. 2015: 3x3x3 convolutions and poolings over 8 frames of 32x32 pixels."""
    return nn.Sequential(nn.Conv3d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2),
                         nn.Conv3d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2),
                         nn.Conv3d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2),
                         nn.Flatten(), nn.Linear(64 * 4 * 4, 4))


#: name -> (network, shape of one input, tokens instead of numbers or 0, classes)
NETWORKS = {
    "simple_cnn": (simple_cnn, (3, 32, 32), 0, 2),
    "resnet20": (resnet20, (3, 32, 32), 0, 10),
    "vgg11": (vgg11, (3, 32, 32), 0, 10),
    "text_cnn": (text_cnn, (64,), 1000, 2),
    "tcn": (tcn, (1, 128), 0, 4),
    "conv3d": (conv3d, (1, 8, 32, 32), 0, 4),
}
