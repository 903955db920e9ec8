"""What several tests share: references, small recipes, a Hub on loopback."""
