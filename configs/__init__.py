"""The shipped recipes, ``configs/<family>/<name>.yaml``: one named config each."""
