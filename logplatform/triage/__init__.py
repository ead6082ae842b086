"""What templates mean: severity, category, problem or not, by models and people."""
