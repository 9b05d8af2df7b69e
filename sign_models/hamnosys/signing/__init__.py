"""A sign performed: where the hands are put, how they move, what face and body do meanwhile."""
