"""What rows tell of their parameters: likelihoods, posteriors, the same noise on other truths."""
