"""What is corrected on the whole track: contacts kept, hands led past each other and out of the skin."""
