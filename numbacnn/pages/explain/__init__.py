"""The network stepped through: what `numbacnn explain` writes."""

from numbacnn.pages.explain.page import Example, explain_page

__all__ = ["Example", "explain_page"]
