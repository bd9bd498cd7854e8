"""Tables of numbers in text files: their lines, their layout, their numbers, and what they are examples of."""
