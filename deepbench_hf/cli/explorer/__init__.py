"""The explorer: a page in the browser on which a recipe's parameters are sliders."""
